//! What Windows has to be told of a socket that connects on this machine.

use std::os::windows::io::AsRawSocket;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    SIO_TCP_INITIAL_RTO, TCP_INITIAL_RTO_PARAMETERS, WSAIoctl,
};

/// Leaves the time of a round trip as it is.
const UNSPECIFIED_RTT: u16 = 0xFFFF;
/// Since Windows 10, version 1709.
const NO_RETRANSMISSIONS: u8 = 0xFE;
const BYTES: u32 = size_of::<TCP_INITIAL_RTO_PARAMETERS>() as u32;

/// Has Windows take the first refusal for an answer, as other systems do. Otherwise it asks again for two seconds, as it
/// does everywhere. For a socket that is not connected yet, and only where no packet is lost: on the loopback interface.
pub fn refuse_at_once(socket: &impl AsRawSocket) {
    let parameters = TCP_INITIAL_RTO_PARAMETERS {
        Rtt: UNSPECIFIED_RTT,
        MaxSynRetransmissions: NO_RETRANSMISSIONS,
    };
    let mut returned = 0;
    #[expect(
        unsafe_code,
        reason = "reads the parameters, writes the number, and waits for nothing"
    )]
    // An older Windows refuses this, and then it only takes longer.
    let _ = unsafe {
        WSAIoctl(
            socket.as_raw_socket() as usize,
            SIO_TCP_INITIAL_RTO,
            (&raw const parameters).cast(),
            BYTES,
            ptr::null_mut(),
            0,
            &raw mut returned,
            ptr::null_mut(),
            None,
        )
    };
}
