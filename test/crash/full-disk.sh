# In a mount namespace of its own: mounts a disk of 4 MB, and runs full-disk.js on it.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
mount -t tmpfs -o size=4m tmpfs "$folder"
node full-disk.js "$folder"
