//! A local port as a SOCKS5 server: only CONNECT.

use std::sync::Arc;

use tokio::time::timeout;

use super::next::{NextStep, OPENING_TIMEOUT, RelayEnds};
use super::tunnel::{tunnel, while_present};
use crate::model::Target;
use crate::model::socks5::{
    CONNECT, IPV4, IPV6, NAME, NO_AUTH, NO_METHOD, PASSWORD, PASSWORD_VERSION, VERSION, reply,
};
use crate::port::Port;
use crate::socket::BufferedSocket;
use crate::upstream::Credentials;

/// The client's request, or the reply it gets.
enum SocksRequest {
    Connect(Target),
    Refuse(u8),
    /// None of its authentication methods is acceptable.
    NoMethod,
    /// Its credentials are wrong, and it has been told so.
    WrongCredentials,
}

/// Serves one SOCKS5 client.
pub(super) async fn serve(port: &Arc<Port>, mut client: BufferedSocket) -> NextStep {
    let credentials = port.credentials();
    let Ok(Ok(asked)) = timeout(OPENING_TIMEOUT, ask(&mut client, credentials.as_deref())).await
    else {
        return NextStep::Closed;
    };
    let code = match asked {
        SocksRequest::NoMethod => {
            let _ = client.writer().write_all(&[VERSION, NO_METHOD]).await;
            return NextStep::Refused(client);
        }
        SocksRequest::WrongCredentials => return NextStep::Refused(client),
        SocksRequest::Refuse(code) => code,
        SocksRequest::Connect(target) => {
            let route = port.route();
            let settings = port.settings();
            let opening = tunnel(port, &route, &target, &[], &settings);
            let Some(opened) = while_present(port, &route, client.writer(), opening).await else {
                return NextStep::Closed;
            };
            match opened {
                Ok(upstream) => {
                    if answer(&client, 0).await.is_err() {
                        return NextStep::Closed;
                    }
                    return NextStep::Relay(Box::new(RelayEnds {
                        client,
                        upstream,
                        counted: route.enter(),
                        route,
                        answered: false,
                    }));
                }
                Err(failure) => failure.socks_reply(),
            }
        }
    };
    let _ = answer(&client, code).await;
    NextStep::Refused(client)
}

async fn ask(
    client: &mut BufferedSocket,
    credentials: Option<&Credentials>,
) -> std::io::Result<SocksRequest> {
    let [_, methods] = client.reader().take().await?;
    let methods = client.reader().take_vec(usize::from(methods)).await?;
    let method = if credentials.is_some() {
        PASSWORD
    } else {
        NO_AUTH
    };
    if !methods.contains(&method) {
        return Ok(SocksRequest::NoMethod);
    }
    client.writer().write_all(&[VERSION, method]).await?;
    if let Some(credentials) = credentials
        && !authenticate(client, credentials).await?
    {
        return Ok(SocksRequest::WrongCredentials);
    }
    let mut reader = client.reader();
    let [version, command, _, kind] = reader.take().await?;
    if version != VERSION {
        return Ok(SocksRequest::Refuse(reply::GENERAL));
    }
    let target = match kind {
        IPV4 => {
            let octets = reader.take::<4>().await?;
            Target::v4(octets, u16::from_be_bytes(reader.take().await?))
        }
        IPV6 => {
            let octets = reader.take::<16>().await?;
            Target::v6(octets, u16::from_be_bytes(reader.take().await?))
        }
        NAME => {
            let [length] = reader.take().await?;
            let name = reader.take_vec(usize::from(length)).await?;
            let port = u16::from_be_bytes(reader.take().await?);
            // A name may hold any byte; only valid hosts are passed on.
            String::from_utf8(name)
                .ok()
                .and_then(|name| Target::new(&name, port))
        }
        _ => return Ok(SocksRequest::Refuse(reply::ADDRESS_TYPE)),
    };
    Ok(match (command, target) {
        (CONNECT, Some(target)) => SocksRequest::Connect(target),
        (CONNECT, None) => SocksRequest::Refuse(reply::GENERAL),
        // No BIND and no UDP ASSOCIATE: traffic that bypasses the upstream would reveal the client's address.
        _ => SocksRequest::Refuse(reply::COMMAND),
    })
}

/// RFC 1929: reads user name and password, and answers.
async fn authenticate(
    client: &mut BufferedSocket,
    credentials: &Credentials,
) -> std::io::Result<bool> {
    let mut reader = client.reader();
    let [version, length] = reader.take().await?;
    let username = reader.take_vec(usize::from(length)).await?;
    let [length] = reader.take().await?;
    let password = reader.take_vec(usize::from(length)).await?;
    let admitted = version == PASSWORD_VERSION && credentials.admit_pair(&username, &password);
    let status = u8::from(!admitted);
    client
        .writer()
        .write_all(&[PASSWORD_VERSION, status])
        .await?;
    Ok(admitted)
}

async fn answer(client: &BufferedSocket, code: u8) -> std::io::Result<()> {
    // The bound address is unknown here; clients accept zeros.
    let message = [VERSION, code, 0, IPV4, 0, 0, 0, 0, 0, 0];
    client.writer().write_all(&message).await
}
