// Scenarios of the Go clients: `clients moby/images` runs one of them, `clients list` names them.
package main

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"sockerless.test/clients/docker28"
	"sockerless.test/clients/fsouza"
	"sockerless.test/clients/ggcr"
	"sockerless.test/clients/moby"
)

var scenarios = map[string]func(){
	"docker28/cluster": docker28.Cluster,
	"docker28/nomad":   docker28.Nomad,
	"docker28/runner":  docker28.Runner,
	"fsouza/events":    fsouza.Events,
	"fsouza/images":    fsouza.Images,
	"ggcr/read":        ggcr.Read,
	"ggcr/write":       ggcr.Write,
	"moby/containers":  moby.Containers,
	"moby/events":      moby.Events,
	"moby/images":      moby.Images,
	"moby/import":      moby.Import,
	"moby/platforms":   moby.Platforms,
	"moby/remove":      moby.Remove,
	"moby/save":        moby.Save,
	"moby/usage":       moby.Usage,
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "list" {
		for _, name := range slices.Sorted(maps.Keys(scenarios)) {
			fmt.Println(name)
		}
		return
	}
	if len(os.Args) != 2 || scenarios[os.Args[1]] == nil {
		fmt.Fprintf(os.Stderr, "no such scenario: %q\n", os.Args[1:])
		os.Exit(2)
	}
	scenarios[os.Args[1]]()
}
