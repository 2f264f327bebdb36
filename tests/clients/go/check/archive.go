package check

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// The images in docker-20.10-two-images.tar, and the one image for two platforms.
const (
	Helper     = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5"
	HelperName = "fixture/helper:x86_64-v18.1"
	Base       = "sha256:73ed4e88b05f31f66a0daf462ca68c6883939a00d76881821a680d2e93691daf"
	BaseName   = "fixture/base:1"
	TwoImages  = "docker-20.10-two-images.tar"

	Multi      = "fixture/multi:1"
	MultiAMD64 = "sha256:82c41f71b19473d8095b5f2f9e36428eaa61ad9f737e689d244353faad375a9c"
	MultiARM64 = "sha256:595b19eef05d8907c1062dabce34885a82feac46f50fddb3dfaa6ab3032f3853"
	MultiFile  = "podman-4.3-multi-platform-oci-archive.tar"
)

// Fixture opens an archive that a real tool wrote.
func Fixture(name string) *os.File {
	return Got(os.Open(filepath.Join(os.Getenv("FIXTURES"), name)))
}

// Item is one image in a manifest.json.
type Item struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// Manifest gives the images of a docker archive.
func Manifest(files map[string][]byte) (items []Item) {
	OK(json.Unmarshal(files["manifest.json"], &items))
	return items
}

// Files gives the regular members of a tar file.
func Files(archive io.Reader) map[string][]byte {
	files := map[string][]byte{}
	reader := tar.NewReader(archive)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		OK(err)
		if header.Typeflag == tar.TypeReg {
			files[header.Name] = Got(io.ReadAll(reader))
		}
	}
}

// Tar makes a tar file of one file.
func Tar(name, content string) io.Reader {
	var buffer bytes.Buffer
	writer := tar.NewWriter(&buffer)
	OK(writer.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}))
	Got(io.WriteString(writer, content))
	OK(writer.Close())
	return &buffer
}
