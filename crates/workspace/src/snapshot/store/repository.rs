//! The private repository of a workspace: made when it is first needed, and the only one that git is called on.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use loopwire_channel::CommandError;
use tokio_util::sync::CancellationToken;

use crate::options::Options;
use crate::process::{Guardian, Program, ProgramInput, ProgramOutput, RunningProgram};
use crate::root::Root;
use crate::snapshot::error::{closed, store_error, store_failed};
use crate::snapshot::system::{make_private, patiently, persist};

use super::output::{check, not_started, read_all, read_last};
use super::turns::{Turn, Turns};
use super::{git, place, sweep};

/// The most output of a git that is kept in memory: that of a list of a million files.
pub(super) const MAX_OUTPUT: usize = 512 << 20;

/// The repository in the store's directory.
const REPOSITORY: &str = "repository.git";

/// The file that says whose store it is.
const ROOT: &str = "root";

/// A tree may have names that git's own checks warn of (`.gitmodules` with odd contents, `GIT~1`). Here they are data:
/// nothing is ever checked out by git.
const CONFIGURATION: &str = "[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tlogAllRefUpdates = false
\tcompression = 1
\tfsync = all
\tprotectHFS = false
\tprotectNTFS = false
\tbigFileThreshold = 16m
[pack]
\tcompression = 1
\tthreads = 2
\twindowMemory = 64m
[fastimport]
\tunpackLimit = 0
[gc]
\tauto = 0
[fsck]
\thasDot = ignore
\thasDotdot = ignore
\thasDotgit = ignore
\tgitmodulesBlob = ignore
\tgitmodulesLarge = ignore
\tgitmodulesMissing = ignore
\tgitmodulesName = ignore
\tgitmodulesParse = ignore
\tgitmodulesPath = ignore
\tgitmodulesSymlink = ignore
\tgitmodulesUpdate = ignore
\tgitmodulesUrl = ignore
";

/// The same for newer versions of git. Older ones refuse a configuration with what they do not know.
const NEWER_CONFIGURATION: &str = "\tgitattributesBlob = ignore
\tgitattributesLarge = ignore
\tgitattributesLineLength = ignore
\tgitattributesMissing = ignore
";

/// The same on Windows, where paths may be longer than most programs have them.
const WINDOWS_CONFIGURATION: &str = "[core]
\tfilemode = false
\tlongpaths = true
";

/// The first version that certainly knows it.
const NEWER: (u32, u32) = (2, 40);

/// What reads the output of a git.
pub(crate) type Reading<'a, T> = Pin<Box<dyn Future<Output = Result<T, CommandError>> + Send + 'a>>;

/// The store. Clones share it.
#[derive(Clone)]
pub(crate) struct Store(Arc<StoreInner>);

struct StoreInner {
    root: Root,
    guardian: Arc<Guardian>,
    /// Ends every git that runs.
    stop: CancellationToken,
    /// The option.
    given: Option<PathBuf>,
    /// The store's directory, once it is known to be usable.
    place: OnceLock<PathBuf>,
    turns: Turns,
}

impl Store {
    pub(crate) fn new(
        root: Root,
        options: &Options,
        guardian: Arc<Guardian>,
        stop: CancellationToken,
    ) -> Self {
        Self(Arc::new(StoreInner {
            root,
            guardian,
            stop,
            given: options.snapshot_dir.clone(),
            place: OnceLock::new(),
            turns: Turns::default(),
        }))
    }

    /// The store's directory, whether it is there or not.
    pub(crate) fn place(&self) -> Result<PathBuf, CommandError> {
        if let Some(place) = self.0.place.get() {
            return Ok(place.clone());
        }
        place::place(self.0.root.path(), self.0.given.as_deref())
    }

    /// The bare repository, whether it is there or not.
    pub(crate) fn repository(&self) -> Result<PathBuf, CommandError> {
        Ok(self.place()?.join(REPOSITORY))
    }

    /// Waits for its turn at changing the store. The repository is there then.
    pub(crate) async fn turn(&self) -> Result<Turn, CommandError> {
        let place = self.ready().await?;
        let taken = self.0.stop.run_until_cancelled(self.0.turns.take(&place));
        let turn = taken.await.ok_or_else(closed)??;
        if turn.cut_off() {
            self.sweep().await?;
        }
        Ok(turn)
    }

    /// Makes sure that git and the repository are there. Enough for what only reads.
    pub(crate) async fn ready(&self) -> Result<PathBuf, CommandError> {
        // Somebody may have deleted it to get space.
        if let Some(place) = self.0.place.get()
            && place.join(REPOSITORY).join("config").exists()
        {
            return Ok(place.clone());
        }
        let place = Box::pin(self.prepare()).await?;
        let _ = self.0.place.set(place.clone());
        Ok(place)
    }

    async fn prepare(&self) -> Result<PathBuf, CommandError> {
        let place = place::place(self.0.root.path(), self.0.given.as_deref())?;
        let failed = |error| store_error("the store cannot be made", &place, &error);
        make_private(&place).map_err(failed)?;
        self.check_owner(&place)?;
        let repository = place.join(REPOSITORY);
        let version = git::program(&place, &repository, &["version"], false);
        let version = git::check_version(&self.finish("version", version).await?)?;
        if fs::exists(repository.join("config")).map_err(failed)? {
            return Ok(place);
        }
        // Another process may make it at the same time: it is made elsewhere, and gets its name when it is complete.
        let made = tempfile::Builder::new()
            .prefix("new-")
            .tempdir_in(&place)
            .map_err(failed)?;
        let arguments = ["init", "--quiet", "--bare", "--template="];
        let init = git::program(&place, made.path(), &arguments, false);
        self.finish("init", init).await?;
        let finish = || {
            let newer = (version >= NEWER).then_some(NEWER_CONFIGURATION);
            let windows = cfg!(windows).then_some(WINDOWS_CONFIGURATION);
            let parts = [Some(CONFIGURATION), newer, windows];
            let configuration: String = parts.into_iter().flatten().collect();
            fs::write(made.path().join("config"), configuration)?;
            fs::create_dir_all(made.path().join("objects/pack"))?;
            fs::create_dir_all(made.path().join("refs/snapshots"))?;
            match patiently(|| fs::rename(made.path(), &repository)) {
                Err(_) if repository.join("config").exists() => Ok(()),
                renamed => renamed,
            }
        };
        finish().map_err(failed)?;
        Ok(place)
    }

    /// Deletes what a git that failed has left. The caller has the turn.
    pub(crate) async fn sweep(&self) -> Result<(), CommandError> {
        let (place, repository) = (self.place()?, self.repository()?);
        let swept = tokio::task::spawn_blocking(move || {
            sweep::sweep(&place, &repository)
                .map_err(|error| store_error("the store cannot be swept", &place, &error))
        });
        swept.await.map_err(|_| closed())?
    }

    /// Two roots never share a store, not even if somebody has moved one.
    fn check_owner(&self, place: &Path) -> Result<(), CommandError> {
        let failed = |error| store_error("the store cannot be made", place, &error);
        let root = self.0.root.path().as_os_str().as_encoded_bytes();
        let path = place.join(ROOT);
        match fs::read(&path) {
            Ok(told) if told == root => Ok(()),
            Ok(_) => Err(store_failed(
                "the store belongs to another directory; set the option snapshotDir to another one",
            )
            .at(place.to_string_lossy())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let file = tempfile::NamedTempFile::new_in(place).map_err(failed)?;
                fs::write(file.path(), root).map_err(failed)?;
                persist(file, &path).map_err(failed)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Git on the repository, with these arguments.
    pub(crate) fn git(
        &self,
        arguments: &[impl AsRef<OsStr>],
        input: bool,
    ) -> Result<Program, CommandError> {
        let place = self.place()?;
        let repository = place.join(REPOSITORY);
        Ok(git::program(&place, &repository, arguments, input))
    }

    /// Starts it.
    async fn start(&self, program: Program) -> Result<RunningProgram, CommandError> {
        // What only reads takes no turn, which says so.
        if self.0.stop.is_cancelled() {
            return Err(closed());
        }
        let started = program.start(&self.0.guardian).await;
        started.map_err(|error| not_started(&error))
    }

    /// Runs git on the repository without input: its output.
    pub(crate) async fn run(
        &self,
        arguments: &[impl AsRef<OsStr>],
    ) -> Result<Vec<u8>, CommandError> {
        let command = arguments.first().map(AsRef::as_ref).unwrap_or_default();
        let command = command.to_string_lossy();
        self.ready().await?;
        self.finish(&command, self.git(arguments, false)?).await
    }

    async fn finish(&self, command: &str, program: Program) -> Result<Vec<u8>, CommandError> {
        let feed = |_| std::future::ready(Ok(()));
        let talk = self.converse(command, program, feed, |stdout| {
            Box::pin(read_all(stdout, MAX_OUTPUT))
        });
        Box::pin(talk).await
    }

    /// Runs git, feeding it and reading from it at the same time. `feed` gets its input, if the program has one. Its
    /// error is told rather than that of a git which has missed the rest.
    pub(crate) async fn converse<T, F>(
        &self,
        command: &str,
        program: Program,
        feed: impl FnOnce(Option<ProgramInput>) -> F,
        read: impl for<'a> FnOnce(&'a mut ProgramOutput) -> Reading<'a, T>,
    ) -> Result<T, CommandError>
    where
        F: Future<Output = Result<(), CommandError>>,
    {
        let mut running = self.start(program).await?;
        // Operations are made of many of these: on the stack each would take its place in all that are around it.
        let feed = Box::pin(feed(running.stdin.take()));
        let (stdout, stderr) = (&mut running.stdout, &mut running.stderr);
        let read_stderr = Box::pin(read_last(stderr));
        let talk = async { tokio::join!(feed, read(stdout), read_stderr) };
        let Some((fed, read, told)) = self.0.stop.run_until_cancelled(talk).await else {
            running.end().await;
            return Err(closed());
        };
        let exit = running.wait().await;
        fed?;
        check(&exit, command, &told, &self.place()?)?;
        read
    }
}
