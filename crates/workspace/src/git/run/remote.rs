//! Where the remote of a repository is, and the credentials that stand in its URL.

use loopwire_channel::CommandError;

use super::super::address::{Address, UserInformation};
use super::super::auth::Auth;
use super::super::progress::Kind;
use super::super::tool::Setting;
use super::job::Running;
use super::opened::Opened;
use crate::options::GitProtocol;

/// Where an operation leads to.
#[derive(Debug)]
pub(super) struct Remote {
    /// What git is given: a name, or an address.
    pub(super) name: String,
    pub(super) address: Option<Address>,
    /// The user and the password that stand in its URL.
    pub(super) auth: Option<Auth>,
    /// By these git takes the URL without them: it would show them to everybody in its helper's arguments.
    pub(super) settings: Vec<Setting>,
}

impl Opened {
    /// Where the remote with this name is. All of its addresses must be allowed.
    pub(super) async fn reach(
        &self,
        running: &Running<'_>,
        kind: Kind,
        name: String,
    ) -> Result<Remote, CommandError> {
        let arguments: &[&str] = match kind {
            Kind::Push => &["remote", "get-url", "--push", "--all", "--", &name],
            _ => &["ls-remote", "--get-url", "--", &name],
        };
        let context = running.context();
        let at = self.repository.at();
        let told = running
            .ask(context.invocation(at, false, arguments))
            .await?;
        // A branch may name an address instead of a remote.
        let told = told.unwrap_or_else(|| name.clone());
        let mut all = Vec::new();
        for url in told.lines() {
            all.push(Address::read(url, &context.protocols, context.root.path())?);
        }
        let remote = Remote {
            name,
            address: all.first().map(|(address, _)| address.clone()),
            auth: None,
            settings: Vec::new(),
        };
        // Of several addresses each may have a password of its own.
        match <[_; 1]>::try_from(all) {
            Ok([(address, Some(user))]) => Ok(self.without_password(kind, remote, address, user)),
            _ => Ok(remote),
        }
    }

    /// Takes the password out of the URL.
    fn without_password(
        &self,
        kind: Kind,
        remote: Remote,
        address: Address,
        user: UserInformation,
    ) -> Remote {
        let over_http = matches!(address.protocol, GitProtocol::Http | GitProtocol::Https);
        // Git would take the first `=` for the end of the key.
        if !over_http || !user.has_password() || address.url.contains('=') {
            return remote;
        }
        let of_remote = |key: &str| self.config.values(&format!("remote.{}.{key}", remote.name));
        let mut urls = match kind {
            Kind::Push => of_remote("pushurl"),
            _ => Vec::new(),
        };
        if urls.is_empty() {
            urls = of_remote("url");
        }
        let auth = Some(user.auth());
        let Some(url) = urls.first() else {
            let named = remote.name.contains("://");
            return match named {
                true => Remote {
                    name: address.url.clone(),
                    auth,
                    ..remote
                },
                false => remote,
            };
        };
        let instead = |variable| {
            let key = format!("url.{}.{variable}", address.url);
            (key, (*url).to_owned())
        };
        Remote {
            settings: vec![instead("insteadof"), instead("pushinsteadof")],
            auth,
            ..remote
        }
    }
}
