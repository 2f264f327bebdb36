package moby

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"sockerless.test/clients/check"
)

// Save takes images out, alone and together, and brings them in again.
func Save() {
	docker := connect()
	load(docker, check.TwoImages)
	save := func(names ...string) []byte {
		stream := check.Got(docker.ImageSave(ctx, names))
		defer stream.Close()
		return check.Got(io.ReadAll(stream))
	}

	helper := check.Got(docker.ImageInspect(ctx, check.Helper))
	alone := save(check.HelperName)
	files := check.Files(bytes.NewReader(alone))
	items := check.Manifest(files)
	check.Same(len(items), 1)
	check.Same(items[0].RepoTags, []string{check.HelperName})
	var config struct {
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	check.OK(json.Unmarshal(files[items[0].Config], &config))
	check.Same(config.RootFS.DiffIDs, helper.RootFS.Layers)
	for _, layer := range items[0].Layers {
		check.That(len(files[layer]) > 0, layer)
	}
	both := check.Manifest(check.Files(bytes.NewReader(save(check.HelperName, check.BaseName))))
	check.Same(len(both), 2)
	check.That(len(check.Manifest(check.Files(bytes.NewReader(save(check.Base))))[0].RepoTags) == 0, both)
	_, err := docker.ImageSave(ctx, []string{"nosuch:1"})
	check.Fails(err, errdefs.IsNotFound, "")

	for _, id := range []string{check.Helper, check.Base} {
		check.Got(docker.ImageRemove(ctx, id, client.ImageRemoveOptions{Force: true}))
	}
	check.Got(messages(check.Got(docker.ImageLoad(ctx, bytes.NewReader(alone)))))
	images := check.Got(docker.ImageList(ctx, client.ImageListOptions{})).Items
	check.Same(len(images), 1)
	check.Same(images[0].ID, check.Helper)
	check.Same(images[0].RepoTags, []string{check.HelperName})
}
