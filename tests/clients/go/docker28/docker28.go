// Package docker28 uses the Go client of Docker 28 the way the tools that are built with it do.
package docker28

import (
	"context"

	"github.com/docker/docker/client"

	"sockerless.test/clients/check"
)

var ctx = context.Background()

// connect takes the newest API version that this client knows.
func connect() *client.Client {
	docker := check.Got(client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation()))
	docker.NegotiateAPIVersion(ctx)
	check.Same(docker.ClientVersion(), "1.51")
	return docker
}
