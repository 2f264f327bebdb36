package docker28

import (
	"github.com/docker/docker/client"

	"sockerless.test/clients/check"
)

// Nomad loads, does not read the answer, and looks for the image at once.
func Nomad() {
	docker := connect()
	file := check.Fixture(check.TwoImages)
	defer file.Close()
	answer := check.Got(docker.ImageLoad(ctx, file, client.ImageLoadWithQuiet(true)))
	defer answer.Body.Close()
	found := check.Got(docker.ImageInspect(ctx, check.HelperName))
	check.Same([]string{found.ID, found.Config.User}, []string{check.Helper, "1000:1000"})
}
