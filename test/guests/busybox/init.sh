# Process 1 of the guest on the network: it takes an address, does what its metadata has as startup script, and powers off.
export PATH=/bin
busybox mkdir -p /proc /sys /tmp /etc
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs devtmpfs /dev
busybox --install -s /bin
udhcpc -i eth0 -s /lease -t 5 -T 2 -n -q -O mtu -O staticroutes -O search -O ntpsrv && \
  wget -q -O /tmp/todo --header 'Metadata-Flavor: Google' \
    http://169.254.169.254/computeMetadata/v1/instance/attributes/startup-script && sh /tmp/todo
echo "report: over"
poweroff -f
