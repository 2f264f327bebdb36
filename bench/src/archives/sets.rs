use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cache;
use super::expected::Expected;
use super::fresh::Fresh;
use super::image::Image;
use super::layer::Layer;
use super::pools::Pools;
use super::{MB, docker_archive, oci_archive, program};

/// The archives, in a folder that outlives the run.
#[derive(Debug)]
pub(crate) struct Archives {
    root: PathBuf,
}

/// An image like GitLab Runner's helper, in three forms.
#[derive(Debug)]
pub(crate) struct Helper {
    /// A docker archive with uncompressed layers.
    pub(crate) docker: PathBuf,
    /// The same, compressed as a whole with `zstd -9`.
    pub(crate) zstd: PathBuf,
    /// An OCI archive with gzip layers.
    pub(crate) oci: PathBuf,
    /// The expected result.
    pub(crate) expected: Expected,
}

/// One docker archive.
#[derive(Debug)]
pub(crate) struct Single {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The expected result.
    pub(crate) expected: Expected,
}

/// A root file system as `.tar.xz`.
#[derive(Debug)]
pub(crate) struct RootFileSystem {
    /// In one block, as `xz -9` makes it and GitLab Runner ships it.
    pub(crate) one_block: PathBuf,
    /// In several, as `xz -T0` makes it.
    pub(crate) several_blocks: PathBuf,
    /// The expected result; name and ID do not matter.
    pub(crate) expected: Expected,
}

impl Archives {
    /// Archives in the folder `root`, made on demand.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// 199 MB of system files, 75 and 33 MB of programs, two tiny layers.
    pub(crate) fn helper(&self) -> Result<Helper> {
        let (folder, expected) = cache::folder(&self.root, "helper", |folder| {
            let mut pools = Pools::gather()?;
            let layers = vec![
                Layer::of_files(folder.join("0"), "", &pools.system(199 * MB))?,
                Layer::of_files(folder.join("1"), "opt/helper", &pools.binaries(75 * MB))?,
                Layer::of_files(folder.join("2"), "opt/tools", &pools.binaries(33 * MB))?,
                Layer::of_text(folder.join("3"), "entrypoint", "#!/bin/sh\nexec \"$@\"\n")?,
                Layer::of_text(folder.join("4"), "etc/helper.conf", "shell = \"sh\"\n")?,
            ];
            let image = Image::new("bench.example/helper:1", layers);
            let docker = folder.join("docker.tar");
            docker_archive::write(&docker, &image)?;
            let zstd = ["-9", "-T0", "-q", "-c"];
            program::write("zstd", &zstd, &docker, &folder.join("docker.tar.zst"))?;
            let compressed = image.layers.iter().enumerate();
            let compressed = compressed
                .map(|(at, layer)| layer.gzip(folder.join(format!("{at}.gz"))))
                .collect::<Result<Vec<Layer>>>()?;
            oci_archive::write(&folder.join("oci.tar"), &image, &compressed)?;
            remove(image.layers.iter().chain(&compressed))?;
            Ok(image.expected())
        })?;
        Ok(Helper {
            docker: folder.join("docker.tar"),
            zstd: folder.join("docker.tar.zst"),
            oci: folder.join("oci.tar"),
            expected,
        })
    }

    /// 2 GB in ten layers.
    pub(crate) fn huge(&self) -> Result<Single> {
        self.single("huge", 10, |pools, below, path| {
            let mut files = pools.system(100 * MB);
            files.extend(pools.binaries(100 * MB));
            Layer::of_files(path, below, &files)
        })
    }

    /// 120 small layers.
    pub(crate) fn many(&self) -> Result<Single> {
        self.single("many", 120, |pools, below, path| {
            Layer::of_files(path, below, &pools.system(50_000))
        })
    }

    /// 100 MB of system files.
    pub(crate) fn root_file_system(&self) -> Result<RootFileSystem> {
        let (folder, expected) = cache::folder(&self.root, "root-file-system", |folder| {
            let files = Pools::gather()?.system(100 * MB);
            let tar = Layer::of_files(folder.join("tar"), "", &files)?;
            let one = ["-9", "-T1", "-q", "-c"];
            program::write("xz", &one, &tar.path, &folder.join("one.tar.xz"))?;
            let several = ["-6", "-T2", "-q", "-c"];
            program::write("xz", &several, &tar.path, &folder.join("several.tar.xz"))?;
            remove([&tar])?;
            Ok(Image::new("bench.example/imported:latest", vec![tar]).expected())
        })?;
        Ok(RootFileSystem {
            one_block: folder.join("one.tar.xz"),
            several_blocks: folder.join("several.tar.xz"),
            expected,
        })
    }

    /// Images with a layer of about so many bytes of system files each.
    pub(crate) fn fresh(&self, bytes: u64) -> Result<Fresh> {
        let files = Pools::gather()?.system(bytes);
        let layer = Layer::of_files(self.root.join("fresh"), "opt", &files)?;
        let bytes = fs::read(&layer.path)?;
        remove([&layer])?;
        Ok(Fresh::new(bytes))
    }

    fn single(
        &self,
        name: &str,
        layers: usize,
        mut layer: impl FnMut(&mut Pools, &str, PathBuf) -> Result<Layer>,
    ) -> Result<Single> {
        let (folder, expected) = cache::folder(&self.root, name, |folder| {
            let mut pools = Pools::gather()?;
            let layers = (0..layers)
                .map(|at| {
                    let below = format!("opt/{at}");
                    layer(&mut pools, &below, folder.join(at.to_string()))
                })
                .collect::<Result<Vec<Layer>>>()?;
            let image = Image::new(&format!("bench.example/{name}:1"), layers);
            docker_archive::write(&folder.join("docker.tar"), &image)?;
            remove(&image.layers)?;
            Ok(image.expected())
        })?;
        Ok(Single {
            path: folder.join("docker.tar"),
            expected,
        })
    }
}

/// They are in the archives now.
fn remove<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Result<()> {
    for layer in layers {
        fs::remove_file(&layer.path)?;
    }
    Ok(())
}
