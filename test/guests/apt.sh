# Sourced by scripts that fetch packages.

# Where what is made stays: the one folder for all.
guest_cache() {
  (cd "$(dirname "${BASH_SOURCE[0]}")/../.." && mkdir -p .cache/guests && cd .cache/guests && pwd)
}

# Where this machine's own packages come from.
debian_site() {
  apt-get indextargets --format '$(SITE)' 'Origin: Debian' 'Created-By: Packages' | sed -n 1p
}

# Makes apt one of i386, for Debian's release $2, that keeps all in the folder $1: it knows nothing of what is installed here, and
# installs nothing.
apt_of_its_own() {
  mkdir -p "$1/lists/partial" "$1/archives/partial"
  echo "deb $(debian_site) $2 main" >"$1/sources"
  cat >"$1/apt.conf" <<CONF
Dir::Etc::sourcelist "$1/sources";
Dir::Etc::sourceparts "-";
Dir::State::lists "$1/lists";
Dir::State::status "/dev/null";
Dir::Cache "$1";
APT::Architecture "i386";
APT::Architectures { "i386"; };
APT::Sandbox::User "root";
CONF
  export APT_CONFIG=$1/apt.conf
  apt-get update -qq >&2
}

# Fetches the image that Debian's package $3 depends on, of release $2, unless a folder named $1-<version> is there: that is the last
# line of output then. Else `made_of` makes the files of a new one, in the folder $2, from the package's file $1.
guest_of_package() {
  local name=$1 release=$2 of=$3 cache have work image
  cache=$(guest_cache)
  have=$(find "$cache" -maxdepth 1 -name "$name-*" | head -n 1)
  if [ -n "$have" ]; then
    echo "$have"
    return
  fi
  work=$(mktemp -d "$cache/build-XXXXXX")
  trap "rm -rf '$work'" EXIT
  mkdir "$work/made"
  apt_of_its_own "$work" "$release"
  image=$(apt-cache depends "$of" | sed -n "s/.*Depends: \(${of%%-*}-image-.*\)/\1/p")
  (cd "$work" && apt-get download -qq "$image" >&2)
  made_of "$work/$image"_*.deb "$work/made"
  have=$cache/$name-${image#"${of%%-*}"-image-}
  mv "$work/made" "$have"
  echo "$have"
}
