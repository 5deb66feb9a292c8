# shellcheck shell=bash
# Configures and builds a preset of CMakePresets.json into .build/PRESET. Needs common.sh and packages.sh.

# Where the release preset puts it.
BUILD_DIR=$TOP/.build/release

# configure_preset PRESET [CMAKE-ARGUMENT...]
configure_preset() {
  local folder=$TOP/.build/$1
  # A cache of another checkout (a copied tree) cannot be reconfigured in place.
  local cache=$folder/CMakeCache.txt
  if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$TOP" "$cache"; then rm -rf "$folder"; fi
  cmake --preset "$1" -S "$TOP" "${@:2}"
}

# build_preset PRESET [TARGET...]: two builds of one folder at once would spoil each other, so a lock stands before it.
build_preset() {
  flock -o "$TOP/.build/lock" cmake --build "$TOP/.build/$1" ${2:+--target "${@:2}"}
}

configure_release() { configure_preset release "$@"; }
build_release() { build_preset release "$@"; }
