#!/usr/bin/env bash
# A Slurm of one node on this machine, all of it in one folder:  cluster.sh install | start DIR | stop DIR
# After `start`, export SLURM_CONF=DIR/slurm.conf. Needs slurmctld, slurmd and munged; root, or jobs of this user only.
set -euo pipefail
action=$1 folder=${2:-}
export PATH=$PATH:/usr/sbin:/sbin SLURM_CONF=$folder/slurm.conf

install() {
  for program in slurmctld slurmd munged; do
    command -v $program > /dev/null || { apt-get update -qq && apt-get install -y -qq slurm-wlm munge; return; }
  done
}

start() {
  mkdir -p "$folder"/{spool,state,munge}
  chmod 711 "$folder" "$folder/munge"
  (umask 077; head -c 1024 /dev/urandom > "$folder/munge/key")
  # --force: the folder may lie below one that others can write to, such as /tmp
  munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
    --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" 2> "$folder/munge/warnings"
  local port node
  port=$((20000 + RANDOM % 10000))
  node=$(slurmd -C | head -1 | sed 's/^NodeName=[^ ]* //; s/\(CPUs=[0-9]*\).*\(RealMemory=[0-9]*\).*/\1 \2/')
  cat > "$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=10
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=2
OverTimeLimit=0
KillWait=10
NodeName=$(hostname -s) NodeAddr=127.0.0.1 $node State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  slurmctld -c
  slurmd
  for _ in $(seq 100); do
    if sinfo --noheader --format=%T 2> /dev/null | grep -q idle; then return; fi
    sleep 0.2
  done
  echo "slurm does not start: see $folder/slurmctld.log and $folder/slurmd.log" >&2
  stop
  exit 1
}

stop() {
  scancel --quiet --user="$(id -un)" 2> /dev/null || true
  for _ in $(seq 200); do
    [ -n "$(squeue --noheader 2> /dev/null)" ] || break
    sleep 0.2
  done
  for pid in slurmd.pid slurmctld.pid munge/pid; do
    if [ -s "$folder/$pid" ]; then kill "$(cat "$folder/$pid")" 2> /dev/null || true; fi
  done
}

"$action"
