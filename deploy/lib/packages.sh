# shellcheck shell=bash
# Installs what is missing of deploy/packages.txt. Never calls apt where nothing is missing, so it works offline.

group_packages() {
  local group
  for group in "$@"; do
    awk -v group="$group" '$1 == group { print $2 }' "$TOP/deploy/packages.txt"
  done
}

missing_packages() {
  local package
  for package in $(group_packages "$@"); do
    [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == "install ok installed" ]] || echo "$package"
  done
}

# as_admin COMMAND...: as root, directly or through sudo (asking for a password only where somebody can answer).
as_admin() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
    sudo -- "$@"
  else
    return 126
  fi
}

apt() { as_admin env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null; }

apt_install() {
  # A bare machine has no package lists; one that has stood a while has stale ones.
  compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || apt update || return
  apt install --no-install-recommends "$@" && return
  apt update && apt install --no-install-recommends "$@"
}

# Debian's postgresql-15 makes and starts a cluster of its own when it is first installed. Loomline does not need it: the
# setting that prevents it is switched off around the installation and then put back.
install_without_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf kept=/etc/postgresql-common/createcluster.conf.loomline code=0
  apt_install postgresql-common || return
  as_admin cp -p "$conf" "$kept" || return
  echo 'create_main_cluster = false' | as_admin tee -a "$conf" >/dev/null
  apt_install "$@" || code=$?
  as_admin mv "$kept" "$conf"
  return "$code"
}

install_packages() {
  local missing command
  [[ -z ${LOOMLINE_SKIP_INSTALL:-} ]] || return 0
  command -v dpkg-query >/dev/null || die "this machine has no dpkg; Loomline installs its needs on Debian 12" \
    "install the counterparts of deploy/packages.txt yourself and set LOOMLINE_SKIP_INSTALL=1"
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  say "installing: ${missing[*]}"
  command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  as_admin true || die "these Debian packages are missing and this user may not install them: ${missing[*]}" \
    "as root: $command"
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    install_without_cluster "${missing[@]}"
  else
    apt_install "${missing[@]}"
  fi || die "apt-get could not install: ${missing[*]}" "look above for its reason, then: $command"
}
