"""Every packet that this network namespace sends, by flow. A line on standard input has it print what it saw."""

import collections
import json
import select
import socket
import struct
import sys

ETH_P_ALL, OUTGOING = 3, 4
SOL_PACKET, STATISTICS, ROOM_FORCED = 263, 6, 33
# What a kernel says by itself once an interface is up: multicast reports, router and neighbour discovery.
KERNEL_ICMP6 = range(130, 144)
TRANSPORTS = {6: "tcp", 17: "udp"}


def name_asked(data):
    """The name in a DNS query."""
    labels, at = [], 12
    while at < len(data) and data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode("latin-1"))
        at += 1 + data[at]
    return ".".join(labels)


def flow(interface, kind, packet):
    if kind == 0x0800:
        start, number = (packet[0] & 15) * 4, packet[9]
        ends = [socket.inet_ntoa(packet[at : at + 4]) for at in (12, 16)]
    elif kind == 0x86DD:
        start, number = 40, packet[6]
        if number == 0:
            # A hop-by-hop header, which multicast reports have.
            start, number = 40 + 8 * (packet[41] + 1), packet[40]
        ends = [socket.inet_ntop(socket.AF_INET6, packet[at : at + 16]) for at in (8, 24)]
        if number == 58 and packet[start] in KERNEL_ICMP6:
            return None
    else:
        return (interface, f"ethertype {kind:#06x}", "", 0, "", 0, "")
    protocol = TRANSPORTS.get(number, f"protocol {number}")
    ports = struct.unpack("!HH", packet[start : start + 4]) if number in TRANSPORTS else (0, 0)
    asked = name_asked(packet[start + 8 :]) if protocol == "udp" and ports[1] == 53 else ""
    return (interface, protocol, ends[0], ports[0], ends[1], ports[1], asked)


def main():
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    wire.setsockopt(socket.SOL_SOCKET, ROOM_FORCED, 8 << 20)
    wire.setblocking(False)
    flows = collections.Counter()
    print(json.dumps({"ready": True}), flush=True)
    while True:
        readable, _, _ = select.select([wire, sys.stdin], [], [])
        try:
            while True:
                packet, (interface, kind, direction, *_) = wire.recvfrom(65535)
                # On the loopback interface each is seen twice: sent and received.
                seen = direction == OUTGOING and flow(interface, kind, packet)
                if seen:
                    flows[seen] += 1
        except BlockingIOError:
            pass
        if sys.stdin in readable:
            if not sys.stdin.readline():
                return
            _, dropped = struct.unpack("II", wire.getsockopt(SOL_PACKET, STATISTICS, 8))
            keys = ("interface", "protocol", "from", "fromPort", "to", "toPort", "asked")
            seen = [dict(zip(keys, key), packets=count) for key, count in flows.items()]
            print(json.dumps({"flows": seen, "dropped": dropped}), flush=True)


main()
