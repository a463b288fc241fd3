# What udhcpc has done with a lease: a /32, and then routes as RFC 3442 has them, the one to the gateway first.
if [ "$1" = deconfig ]; then
  ifconfig eth0 0.0.0.0 up
  exit
fi
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ifconfig eth0 "$ip" netmask "$subnet" mtu "$mtu"
set -- $staticroutes
while [ $# -gt 0 ]; do
  if [ "$2" = 0.0.0.0 ]; then ip route replace "$1" dev eth0; else ip route replace "$1" via "$2" dev eth0; fi
  shift 2
done
hostname "$hostname"
printf 'search %s\nnameserver %s\n' "$search" "$dns" >/etc/resolv.conf
echo "lease: ip=$ip mask=$mask mtu=$mtu router=$router dns=$dns ntp=$ntpsrv lease=$lease host=$hostname domain=$domain search=$search routes=$staticroutes"
