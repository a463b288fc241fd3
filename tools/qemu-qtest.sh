#!/usr/bin/env bash
# Builds QEMU's own qtest programs from Debian's source package, and runs them against us: tools/qemu-qtest.sh [FOLDER]
# Takes some minutes and a gigabyte. Needs root for apt, and a built package (npm run build).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(realpath -m "${1:-$root/.cache/qemu-qtest}")
mkdir -p "$folder"/{parts,lists/partial,cache/archives/partial,verdicts}
cd "$folder"

# Debian's sources, in lists of their own.
sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian*.sources >parts/debian.sources
options=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$folder/parts" -o Dir::State::lists="$folder/lists"
  -o Dir::Cache="$folder/cache" -o APT::Sandbox::User=root)

if [ ! -x build/tests/qtest/qos-test ]; then
  apt-get install -y -qq --no-install-recommends gcc libglib2.0-dev zlib1g-dev meson ninja-build python3-venv python3-pycotap flex \
    bison xz-utils >/dev/null
  apt-get "${options[@]}" -qq update
  apt-get "${options[@]}" -qq source --download-only qemu
  rm -rf source build && mkdir -p source build
  tar xf qemu_*.orig.tar.xz --strip-components=1 -C source
  # Debian leaves firmware out, for which meson looks; nothing of it is used.
  touch source/pc-bios/edk2-{aarch64,arm,riscv64,i386,x86_64,loongarch64,riscv}-{code,secure-code,vars}.fd.bz2 \
    source/pc-bios/edk2-licenses.txt
  (cd build && ../source/configure --python=/usr/bin/python3 --target-list=x86_64-softmmu --disable-docs --disable-download \
    --without-default-features --enable-tcg --disable-install-blobs >configure.log)
  ninja -C build tests/qtest/{qos,i440fx,rtc}-test >build/ninja.log
fi

ln -sf "$root/dist/cli/qtest/system.js" guestrig-system-x86_64
chmod +x "$root/dist/cli/qtest/system.js"
export QTEST_QEMU_BINARY=$folder/guestrig-system-x86_64
export GUESTRIG_QTEST="--out $folder/verdicts/%p.txt"
broken=0
for program in qos i440fx rtc; do
  printf '\n== %s-test\n' "$program"
  "build/tests/qtest/$program-test" -k | grep -E '^(ok|not ok)' || broken=1
  [ "${PIPESTATUS[0]}" -eq 0 ] || broken=1
done
exit "$broken"
