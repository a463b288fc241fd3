#!/usr/bin/env bash
# Records what stands behind the file system in probe.br beside this script: programs talking over a veth pair between two network namespaces,
# seen from the guest's end. Offloads are off, so every frame is what a NIC would carry: at most 1,474 bytes, with
# complete checksums. It is a recording: another run gives other sequence numbers and times.
# Needs root, and: iproute2 ethtool procps iputils-ping busybox dnsmasq-base python3 curl
# netcat-openbsd tcpdump tshark gzip brotli.
set -euo pipefail
export LC_ALL=C TZ=UTC

readonly guest=rig-guest gateway=rig-gateway
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
started=()

in_guest() { ip netns exec $guest "$@"; }
in_gateway() { ip netns exec $gateway "$@"; }
serve() {
  ip netns exec $gateway "$@" >/dev/null 2>&1 &
  started+=($!)
}
listening() { # waits for a server on this port: tcp 80, udp 53
  until in_gateway ss -ln --"$1" "sport = :$2" | grep -q ":$2 "; do sleep 0.1; done
}
clean() {
  kill "${started[@]}" 2>/dev/null || true
  ip netns del $guest 2>/dev/null || true
  ip netns del $gateway 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT

mkdir "$work/www"
brotli -dc "$here/probe.br" >"$work/probe"
head -c 8388608 "$work/probe" >"$work/disk.ext4"
gzip -9n <"$work/disk.ext4" >"$work/www/noise.gz"
seq 1 24000 >"$work/www/numbers.txt"
for n in $(seq 1 12); do printf 'page %s\n' "$n" >"$work/www/$n.txt"; done

# MTU 1460, and a MAC made of the IPv4 address: what Google's network gives a guest.
ip netns add $guest
ip netns add $gateway
ip link add eth0 netns $guest address 42:01:0a:80:00:02 mtu 1460 type veth \
  peer name eth0 netns $gateway address 42:01:0a:80:00:01 mtu 1460
for end in $guest $gateway; do
  ip netns exec $end ethtool -K eth0 tso off gso off gro off tx off sg off >/dev/null
  ip netns exec $end sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
  ip -n $end link set lo up
  ip -n $end link set eth0 up
done
ip -n $gateway addr add 10.128.0.1/20 dev eth0

ip netns exec $guest tcpdump -i eth0 -s 0 -U -w "$work/traffic.pcap" 2>"$work/tcpdump.txt" &
recorder=$!
started+=($recorder)
until grep -q listening "$work/tcpdump.txt"; do sleep 0.1; done

# IPv6 comes up while the recorder runs: duplicate address detection, router solicitation, multicast reports.
for end in $gateway $guest; do ip netns exec $end sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0; done
ip -n $gateway addr add fd20::1/64 dev eth0
ip -n $guest addr add fd20::2/64 dev eth0
sleep 3

# DHCP, DNS with and without an answer, and TFTP: small datagrams both ways.
serve dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --dhcp-leasefile="$work/leases" \
  --user=root --no-resolv --no-hosts --interface=eth0 --bind-interfaces --dhcp-authoritative \
  --dhcp-range=10.128.0.2,10.128.0.2,1h --dhcp-option=option:mtu,1460 \
  --address=/gateway.internal/10.128.0.1 --address=/guest.internal/10.128.0.2 \
  --enable-tftp --tftp-root="$work/www"
listening udp 53
in_guest busybox udhcpc -i eth0 -n -q -s /bin/true >/dev/null 2>&1
ip -n $guest addr add 10.128.0.2/20 dev eth0
for name in gateway.internal guest.internal absent.internal; do
  in_guest busybox nslookup $name 10.128.0.1 >/dev/null 2>&1 || true
done
in_guest busybox tftp -g -r numbers.txt -l "$work/got" 10.128.0.1 >/dev/null 2>&1
cmp "$work/got" "$work/www/numbers.txt"

# Echo of many sizes, one that IP cuts into fragments, and floods from the other side.
for size in 0 1 56 512 1000 1411 1412 1431 1432 4000; do
  in_guest ping -q -c 2 -i 0.02 -s $size 10.128.0.1 >/dev/null
  in_guest ping -q -c 2 -i 0.02 -s $size fd20::1 >/dev/null
done
in_gateway ping -q -c 60 -i 0.005 10.128.0.2 >/dev/null
in_gateway ping -q -c 60 -i 0.005 fd20::2 >/dev/null

# HTTP to the guest: short answers, one that compresses and one that does not, a 404, and a port nobody listens on.
serve python3 -m http.server --bind :: --directory "$work/www" 80
listening tcp 80
for n in $(seq 1 12); do in_guest curl -sf "http://10.128.0.1/$n.txt" >/dev/null; done
in_guest curl -sf http://10.128.0.1/noise.gz | cmp - "$work/www/noise.gz"
in_guest curl -sf 'http://[fd20::1]/numbers.txt' | cmp - "$work/www/numbers.txt"
in_guest curl -s http://10.128.0.1/absent >/dev/null
in_guest curl -s http://10.128.0.1:81/ || true

# From the guest: a stream, datagrams of many sizes, and one to a port that answers by ICMP.
serve nc -l 10.128.0.1 2222
listening tcp 2222
in_guest nc -N -w 5 10.128.0.1 2222 <"$work/www/numbers.txt"
serve nc -lku 10.128.0.1 2223
listening udp 2223
for size in 1 17 18 19 100 511 1024 1431 1432; do
  for _ in 1 2 3; do in_guest bash -c "head -c $size $work/www/noise.gz >/dev/udp/10.128.0.1/2223"; done
done
in_guest bash -c 'echo nobody >/dev/udp/10.128.0.1/2224'

sleep 1
kill -INT $recorder
wait $recorder || true
editcap -F pcapng "$work/traffic.pcap" "$work/traffic.pcapng"

# Nothing is kept that a stranger's dissector finds fault with. The one error expected is the refused connection.
wrong=$(tshark -r "$work/traffic.pcapng" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
  -o udp.check_checksum:TRUE -Y '(_ws.expert.severity >= "Warning" && !(tcp.flags.reset == 1)) || frame.len > 1474 ||
    ip.checksum.status == "Bad" || tcp.checksum.status == "Bad" || udp.checksum.status == "Bad" ||
    icmp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad"' 2>/dev/null)
if [ -n "$wrong" ]; then
  printf 'not kept:\n%s\n' "$wrong" >&2
  exit 1
fi
cat "$work/disk.ext4" "$work/traffic.pcapng" | brotli -q 11 -w 24 >"$here/probe.br"
capinfos -c -d "$work/traffic.pcapng" | tail -n 2
