# shellcheck shell=bash
# Configures and builds the release preset into .build/release. Needs common.sh and packages.sh.

# Where the preset puts it.
BUILD_DIR=$TOP/.build/release

configure_release() {
  # A cache of another checkout (a copied tree) cannot be reconfigured in place.
  local cache=$BUILD_DIR/CMakeCache.txt
  if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$TOP" "$cache"; then rm -rf "$BUILD_DIR"; fi
  cmake --preset release -S "$TOP" "$@"
}

# build_release [TARGET...]: two builds of one folder at once would spoil each other, so a lock stands before it.
build_release() {
  flock -o "$TOP/.build/lock" cmake --build "$BUILD_DIR" ${1:+--target "$@"}
}

