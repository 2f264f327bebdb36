package moby

import (
	"net/netip"
	"slices"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"sockerless.test/clients/check"
)

// Containers creates them as a job runner does, and never starts one.
func Containers() {
	docker := connect()
	load(docker, check.TwoImages)
	create := func(name, image string) (client.ContainerCreateResult, error) {
		return docker.ContainerCreate(ctx, client.ContainerCreateOptions{
			Name: name,
			Config: &container.Config{
				Image:        image,
				Cmd:          []string{"sh"},
				Env:          []string{"CI=true"},
				Labels:       map[string]string{"job": name},
				AttachStdin:  true,
				AttachStdout: true,
				OpenStdin:    true,
				StdinOnce:    true,
			},
			HostConfig: &container.HostConfig{
				Binds:         []string{"/builds:/builds"},
				Mounts:        []mount.Mount{{Type: mount.TypeVolume, Source: "cache", Target: "/cache"}},
				NetworkMode:   "bridge",
				DNS:           []netip.Addr{netip.MustParseAddr("127.0.0.1")},
				RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyDisabled},
				LogConfig:     container.LogConfig{Type: "json-file"},
				Resources:     container.Resources{Memory: 64 << 20, NanoCPUs: 500_000_000},
			},
			NetworkingConfig: &network.NetworkingConfig{},
		})
	}
	_, err := create("job", "nosuch:1")
	check.Fails(err, errdefs.IsNotFound, "No such image: nosuch:1")

	job := check.Got(create("job", check.HelperName))
	check.Same(len(job.ID), 64)
	inspected := check.Got(docker.ContainerInspect(ctx, "job", client.ContainerInspectOptions{})).Container
	check.Same([]string{inspected.ID, inspected.Name, inspected.Image}, []string{job.ID, "/job", check.Helper})
	check.Same(inspected.State.Status, container.StateCreated)
	check.Same(inspected.Path, "/usr/bin/dumb-init")
	check.Same(inspected.Args, []string{"/entrypoint", "sh"})
	check.Same(inspected.Config.WorkingDir, "/builds")
	check.That(slices.Contains(inspected.Config.Env, "CI=true") && slices.Contains(inspected.Config.Env, "HOME=/root"), inspected.Config.Env)
	check.That(inspected.Config.OpenStdin && inspected.Config.StdinOnce, inspected.Config)
	check.Same(inspected.HostConfig.Binds, []string{"/builds:/builds"})
	check.Same(inspected.HostConfig.Memory, int64(64<<20))
	check.Same(inspected.HostConfig.Mounts[0].Target, "/cache")
	_, err = create("job", check.Base)
	check.Fails(err, errdefs.IsConflict, "already in use")

	other := check.Got(create("other", check.Base))
	list := func(all bool, pairs ...string) (ids []string) {
		found := check.Got(docker.ContainerList(ctx, client.ContainerListOptions{All: all, Filters: filters(pairs...)}))
		for _, item := range found.Items {
			ids = append(ids, item.ID)
		}
		return ids
	}
	check.Same(list(false), []string(nil))
	// The newest comes first.
	check.Same(list(true), []string{other.ID, job.ID})
	check.Same(list(true, "label", "job=job"), []string{job.ID})
	check.Same(list(true, "ancestor", check.Base), []string{other.ID})
	check.Same(list(false, "status", "created", "id", job.ID[:12]), []string{job.ID})
	check.Same(list(true, "before", "other"), []string{job.ID})
	latest := check.Got(docker.ContainerList(ctx, client.ContainerListOptions{All: true, Limit: 1, Size: true}))
	check.Same(latest.Items[0].ID, other.ID)

	check.Got(docker.ContainerRename(ctx, "other", client.ContainerRenameOptions{NewName: "renamed"}))
	renamed := check.Got(docker.ContainerInspect(ctx, other.ID[:12], client.ContainerInspectOptions{Size: true})).Container
	check.Same(renamed.Name, "/renamed")
	_, err = docker.ContainerStart(ctx, job.ID, client.ContainerStartOptions{})
	check.Fails(err, errdefs.IsNotImplemented, "no execution backend is configured")

	_, err = docker.ImageRemove(ctx, check.Helper, client.ImageRemoveOptions{})
	check.Fails(err, errdefs.IsConflict, "container")
	check.Got(docker.ContainerRemove(ctx, "job", client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}))
	_, err = docker.ContainerInspect(ctx, "job", client.ContainerInspectOptions{})
	check.Fails(err, errdefs.IsNotFound, "No such container: job")
	report := check.Got(docker.ContainerPrune(ctx, client.ContainerPruneOptions{Filters: filters("label!", "job=job")})).Report
	check.Same(report.ContainersDeleted, []string{other.ID})
}
