// Package ggcr uses go-containerregistry's access to a daemon, as ko, crane and minikube do.
package ggcr

import (
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/daemon"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"sockerless.test/clients/check"
)

// Write loads an image, and only tags it when its config is here already.
func Write() {
	image := check.Got(random.Image(2000, 3))
	image = check.Got(mutate.ConfigFile(image, configured(check.Got(image.ConfigFile()))))
	first := check.Got(name.NewTag("ko.local/app:1"))
	said := check.Got(daemon.Write(first, image))
	check.That(strings.Contains(said, "Loaded image: ko.local/app:1"), said)
	second := check.Got(name.NewTag("ko.local/app:2"))
	check.Same(check.Got(daemon.Write(second, image)), "")
	third := check.Got(name.NewTag("team/app:3"))
	check.OK(daemon.Tag(second, third))
	for _, tag := range []name.Tag{first, second, third} {
		same(check.Got(daemon.Image(tag)), image)
	}
}

// Read takes an image that others brought out of the daemon, in each way to hold it meanwhile.
func Read() {
	written := check.Got(random.Image(5000, 2))
	written = check.Got(mutate.ConfigFile(written, configured(check.Got(written.ConfigFile()))))
	tag := check.Got(name.NewTag("crane/random:1"))
	check.Got(daemon.Write(tag, written))
	for _, option := range []daemon.Option{daemon.WithBufferedOpener(), daemon.WithUnbufferedOpener(), daemon.WithFileBufferedOpener()} {
		read := check.Got(daemon.Image(tag, option))
		same(read, written)
		for _, layer := range check.Got(read.Layers()) {
			check.OK(validate.Layer(layer))
		}
	}
	_, err := daemon.Image(check.Got(name.NewTag("nosuch:1")))
	check.Fails(err, func(error) bool { return true }, "No such image")
}

func configured(config *v1.ConfigFile) *v1.ConfigFile {
	config.OS, config.Architecture = "linux", "amd64"
	config.Config.Cmd = []string{"app"}
	return config
}

// same compares what a daemon keeps: configuration and content of the layers, not their compression.
func same(found, expected v1.Image) {
	check.Same(check.Got(found.ConfigName()), check.Got(expected.ConfigName()))
	check.Same(string(check.Got(found.RawConfigFile())), string(check.Got(expected.RawConfigFile())))
	config, layers := check.Got(found.ConfigFile()), check.Got(found.Layers())
	check.Same(config.RootFS.DiffIDs, check.Got(expected.ConfigFile()).RootFS.DiffIDs)
	check.Same(config.Config.Cmd, []string{"app"})
	for n, layer := range layers {
		check.Same(check.Got(layer.DiffID()), config.RootFS.DiffIDs[n])
	}
	check.Same(len(config.History), len(check.Got(expected.ConfigFile()).History))
}
