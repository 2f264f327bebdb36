package moby

import (
	"bytes"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"sockerless.test/clients/check"
)

// Images loads, inspects, tags and lists.
func Images() {
	docker := connect()
	_, err := docker.ImageInspect(ctx, check.HelperName)
	check.Fails(err, errdefs.IsNotFound, "No such image: "+check.HelperName)

	var lines []string
	for _, message := range load(docker, check.TwoImages, client.ImageLoadWithQuiet(true)) {
		lines = append(lines, message.Stream)
	}
	check.That(slices.Contains(lines, "Loaded image: "+check.HelperName+"\n"), lines)
	check.That(slices.Contains(lines, "Loaded image: "+check.BaseName+"\n"), lines)
	for _, message := range load(docker, "docker-20.10-tagged.tar") {
		check.That(message.Stream != "" || message.Status == "Loading layer" || message.Aux != nil, message)
	}

	var raw bytes.Buffer
	helper := check.Got(docker.ImageInspect(ctx, check.HelperName, client.ImageInspectWithRawResponse(&raw)))
	check.Same(helper.ID, check.Helper)
	check.That(strings.Contains(raw.String(), check.Helper), raw.String())
	check.Same([]string(helper.Config.Entrypoint), []string{"/usr/bin/dumb-init", "/entrypoint"})
	check.Same(helper.Config.Labels["org.opencontainers.image.title"], "helper")
	check.Same(helper.Config.Healthcheck.Retries, 2)
	check.Same([]string{helper.Os, helper.Architecture, helper.RootFS.Type}, []string{"linux", "amd64", "layers"})
	check.Same(len(helper.RootFS.Layers), 4)
	check.That(helper.Size > 0, helper.Size)

	history := check.Got(docker.ImageHistory(ctx, check.HelperName)).Items
	check.Same(history[0].ID, check.Helper)
	check.Same(history[len(history)-1].Comment, "Imported from -")
	var size int64
	for _, step := range history {
		size += step.Size
	}
	check.Same(size, helper.Size)

	tag := func(source, target string) error {
		_, err := docker.ImageTag(ctx, client.ImageTagOptions{Source: source, Target: target})
		return err
	}
	check.OK(tag(check.Helper, "team/helper:18"))
	check.OK(tag(check.HelperName, "docker.io/library/helper"))
	check.Fails(tag("nosuch", "x"), errdefs.IsNotFound, "No such image: nosuch:latest")
	named := check.Got(docker.ImageInspect(ctx, "helper"))
	check.Same(named.ID, check.Helper)
	check.That(slices.Contains(named.RepoTags, "helper:latest"), named.RepoTags)

	list := func(pairs ...string) (ids []string) {
		for _, image := range check.Got(docker.ImageList(ctx, client.ImageListOptions{Filters: filters(pairs...)})).Items {
			ids = append(ids, image.ID)
		}
		return ids
	}
	// The newest comes first.
	check.Same(list(), []string{check.Helper, check.Base})
	check.Same(list("reference", "team/*"), []string{check.Helper})
	check.Same(list("label", "com.example.tier=ci, runner"), []string{check.Helper})
	check.Same(list("dangling", "true"), []string(nil))
	check.Same(list("before", check.HelperName), []string{check.Base})
	check.Same(list("since", check.BaseName), []string{check.Helper})
	_, err = docker.ImageList(ctx, client.ImageListOptions{Filters: filters("nonsense", "x")})
	check.Fails(err, errdefs.IsInvalidArgument, "invalid filter")
	all := check.Got(docker.ImageList(ctx, client.ImageListOptions{All: true, SharedSize: true})).Items
	for _, image := range all {
		check.That(image.Size > 0 && image.Created > 0 && image.RepoDigests != nil, image)
	}
	check.Same(len(all[0].RepoTags), 4)
	check.That(all[1].SharedSize == all[1].Size, all[1])

	_, err = docker.ImageLoad(ctx, strings.NewReader("no archive"))
	check.Fails(err, errdefs.IsInternal, "archive")
}
