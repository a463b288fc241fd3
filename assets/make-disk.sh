#!/usr/bin/env bash
# Builds the file system in probe.br, and disk.sha256, beside this script. The same e2fsprogs gives the same bytes:
# identifiers, times, owners and features are fixed here and none is taken from the machine.
# Needs: e2fsprogs 1.47 or newer, brotli, node. Run it as root, so that files on the image belong to root.
set -euo pipefail
export LC_ALL=C TZ=UTC
export SOURCE_DATE_EPOCH=1704067200 # 2024-01-01T00:00:00Z
export E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH
readonly uuid=6775e573-7472-4967-8000-000000000001
readonly hash_seed=6775e573-7472-4967-8000-000000000002

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export MKE2FS_CONFIG=$work/mke2fs.conf # a distribution's defaults decide nothing
cat >"$MKE2FS_CONFIG" <<'END'
[defaults]
  base_features = none
[fs_types]
  ext4 = {
    features = has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum
  }
  small = {
    blocksize = 1024
  }
END
umask 022
tree=$work/tree
mkdir -p "$tree"/{etc,boot,home/ada/notes,var/log}
cd "$tree"

printf 'guest\n' >etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n10.128.0.2 guest\n10.128.0.1 gateway\n' >etc/hosts
printf 'UUID=%s / ext4 defaults 0 1\n' "$uuid" >etc/fstab
printf 'If you can read this, blocks arrive in the order in which they were asked for.\n' >etc/motd
printf '#!/bin/sh\nexec cat /etc/motd\n' >boot/start.sh
chmod 755 boot/start.sh
for n in $(seq 1 2000); do
  printf '[%5d.%06d] line %d of a log that compresses well and is long enough to need an extent\n' \
    $((n / 50)) $((n * 20011 % 1000000)) "$n"
done >var/log/kern.log
: >var/log/empty
for n in $(seq -w 1 48); do printf 'note %s\n' "$n" >"home/ada/notes/note-$n.txt"; done
ln -s notes/note-01.txt home/ada/first
# Noise that does not compress, so that a block in the wrong place is seen: the AES-CTR key stream of key 0.
node -e 'process.stdout.write(require("node:crypto").createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(131072)))' \
  >home/ada/noise.bin
# 1 MiB with one written block in the middle and one at the end: everything else is a hole.
truncate -s 1M home/ada/sparse.bin
printf 'middle' | dd of=home/ada/sparse.bin bs=1 seek=524288 conv=notrunc status=none
printf 'the end' | dd of=home/ada/sparse.bin bs=1 seek=1048569 conv=notrunc status=none

find . -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
find . -type f | sort | sed 's|^\./||' | xargs sha256sum >"$here/disk.sha256"

# 1 KiB blocks leave room beside the journal, which has at least 1,024 of them.
truncate -s 8M "$work/disk.ext4"
mkfs.ext4 -q -F -I 256 -N 256 -m 0 -J size=1 -L guestrig -U "$uuid" -d "$tree" \
  -E hash_seed="$hash_seed",root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard \
  "$work/disk.ext4"
e2fsck -fn "$work/disk.ext4" >/dev/null
# The recording stays as it is.
brotli -dc "$here/probe.br" | tail -c +8388609 >"$work/traffic.pcapng"
cat "$work/disk.ext4" "$work/traffic.pcapng" | brotli -q 11 -w 24 >"$here/probe.br"
