// Package fsouza uses go-dockerclient, which reads a stream of messages only if its Content-Type is exactly
// application/json.
package fsouza

import (
	"bytes"
	"strings"

	docker "github.com/fsouza/go-dockerclient"

	"sockerless.test/clients/check"
)

func load(client *docker.Client, name string) string {
	file := check.Fixture(name)
	defer file.Close()
	var said bytes.Buffer
	check.OK(client.LoadImage(docker.LoadImageOptions{InputStream: file, OutputStream: &said}))
	return said.String()
}

// Images loads, imports, lists, saves, tags and removes.
func Images() {
	client := check.Got(docker.NewClientFromEnv())
	check.OK(client.Ping())
	said := load(client, check.TwoImages)
	check.That(strings.Contains(said, "Loaded image: "+check.HelperName+"\n"), said)
	check.That(!strings.Contains(said, "{"), said)
	image := check.Got(client.InspectImage(check.HelperName))
	check.Same([]string{image.ID, image.Config.User}, []string{check.Helper, "1000:1000"})

	var answer bytes.Buffer
	check.OK(client.ImportImage(docker.ImportImageOptions{
		Repository: "imported", Tag: "1", Source: "-", InputStream: check.Tar("a", "1"), OutputStream: &answer,
	}))
	check.Same(check.Got(client.InspectImage("imported:1")).ID, strings.TrimSpace(answer.String()))

	check.OK(client.TagImage(check.Helper, docker.TagImageOptions{Repo: "second", Tag: "2"}))
	listed := check.Got(client.ListImages(docker.ListImagesOptions{Filters: map[string][]string{"reference": {"second"}}}))
	check.Same(listed[0].RepoTags, []string{"second:2"})
	history := check.Got(client.ImageHistory("second:2"))
	check.Same(history[0].ID, check.Helper)

	var archive bytes.Buffer
	check.OK(client.ExportImages(docker.ExportImagesOptions{Names: []string{"second:2", check.BaseName}, OutputStream: &archive}))
	check.Same(len(check.Manifest(check.Files(&archive))), 2)

	notFound := func(err error) bool { return err == docker.ErrNoSuchImage }
	check.Fails(client.RemoveImage("nosuch"), notFound, "no such image")
	conflict := func(err error) bool {
		refusal, is := err.(*docker.Error)
		return is && refusal.Status == 409
	}
	check.Fails(client.RemoveImage(check.Helper), conflict, "must be forced")
	check.OK(client.RemoveImageExtended(check.Helper, docker.RemoveImageOptions{Force: true}))
	_, err := client.InspectImage(check.Helper)
	check.Fails(err, notFound, "no such image")
	pruned := check.Got(client.PruneImages(docker.PruneImagesOptions{Filters: map[string][]string{"dangling": {"false"}}}))
	check.That(len(pruned.ImagesDeleted) > 0, pruned)
	usage := check.Got(client.DiskUsage(docker.DiskUsageOptions{}))
	check.Same(len(usage.Images), 0)
}

// Events listens on a connection of its own, which it reads as it is.
func Events() {
	client := check.Got(docker.NewClientFromEnv())
	listener := make(chan *docker.APIEvents, 16)
	check.OK(client.AddEventListenerWithOptions(docker.EventsOptions{
		Since: "0", Filters: map[string][]string{"type": {"image"}, "event": {"load", "tag"}},
	}, listener))
	load(client, check.TwoImages)
	check.OK(client.TagImage(check.Base, docker.TagImageOptions{Repo: "second", Tag: "2"}))
	loaded := map[string]bool{}
	for event := range listener {
		if event.Action == "load" {
			loaded[event.Actor.ID] = true
			continue
		}
		check.Same([]string{event.Type, event.Action, event.Actor.ID}, []string{"image", "tag", check.Base})
		check.Same(event.Actor.Attributes["name"], "second:2")
		break
	}
	check.Same(loaded, map[string]bool{check.Helper: true, check.Base: true})
	check.OK(client.RemoveEventListener(listener))
}
