package moby

import (
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"sockerless.test/clients/check"
)

// Usage reads what is used, of images and containers and of what there is none of.
func Usage() {
	docker := connect()
	load(docker, check.TwoImages)
	check.Got(docker.ContainerCreate(ctx, client.ContainerCreateOptions{
		Image: check.Helper, Config: &container.Config{Cmd: []string{"true"}},
	}))
	all := client.DiskUsageOptions{Images: true, Containers: true, Volumes: true, BuildCache: true, Verbose: true}
	usage := check.Got(docker.DiskUsage(ctx, all))
	check.Same([]int64{usage.Images.TotalCount, usage.Images.ActiveCount}, []int64{2, 1})
	check.Same(len(usage.Images.Items), 2)
	check.That(usage.Images.TotalSize > 0 && usage.Images.Reclaimable < usage.Images.TotalSize, usage.Images)
	check.Same([]int64{usage.Containers.TotalCount, usage.Containers.ActiveCount}, []int64{1, 0})
	check.Same(len(usage.Containers.Items), 1)
	check.Same([]int64{usage.Volumes.TotalCount, usage.BuildCache.TotalCount}, []int64{0, 0})
	short := check.Got(docker.DiskUsage(ctx, client.DiskUsageOptions{Images: true}))
	check.Same(short.Images.TotalCount, int64(2))
	check.Same(len(short.Images.Items), 0)

	info := check.Got(docker.Info(ctx, client.InfoOptions{})).Info
	check.Same([]int{info.Images, info.Containers, info.ContainersStopped}, []int{2, 1, 1})
	check.Same(info.OSType, "linux")
	volumes := check.Got(docker.VolumeList(ctx, client.VolumeListOptions{}))
	check.Same(len(volumes.Items), 0)
	check.Got(docker.NetworkList(ctx, client.NetworkListOptions{}))
}
