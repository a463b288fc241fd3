# Sourced by scripts that fetch packages.

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
