// The sample jobs of share/jobs: a sweep that is divided over processes or nodes says what one process says, byte for
// byte. What divides it is no part of this program: where it is absent, the case is skipped and says so.

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include "tests/cmd/tune_lab.h"
#include "tests/support/process.h"

using namespace aitrade;
using namespace aitrade::test;
using namespace aitrade::test::tuning;

namespace {

const std::string jobs = std::string(AITRADE_SOURCE_DIR) + "/share/jobs/";

bool is_there(const std::string& program, const TempFolder& folder) {
  return run_shell("PATH=$PATH:/usr/sbin command -v " + program, folder.path()).exit_code == 0;
}

std::string quoted(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += " '" + word + "'";
  return out;
}

/// The words of a search by a job: those of `tune` but the first, in a home of its own.
std::string search_words(const Lab& lab) {
  std::vector<std::string> words = lab.command({"--method", "random", "--trials", "24", "--seed", "4"});
  words.erase(words.begin());
  words.insert(words.end(), {"--home", lab.path});
  return quoted(words);
}

/// Runs a job; nothing is written outside the lab.
Finished run_job(const Lab& lab, const std::string& line) {
  return run_shell(line, lab.folder.path(),
                   {{"HOME", lab.folder.path()}, {"AITRADE_SWEEP_DIR", lab.folder / "sweep"}});
}

/// The document of the search in what a job printed; the ones of its steps stand before it.
std::string verdict_in(const Finished& job) {
  const std::size_t at = job.out.find("{\"schema\":\"aitrade.tune/1\"");
  REQUIRE(at != std::string::npos);
  return essence(Finished{job.exit_code, job.signal, job.out.substr(at), job.err});
}

constexpr int no_cluster = 99;

/// A cluster of one node on loopback, with its state here: runs the array job, then the step that puts it together.
constexpr const char* one_node = R"(
set -eu
PATH=$PATH:/usr/sbin; here=$PWD; job=$1; shift
export SLURM_CONF=$here/slurm.conf
mkdir -p state spool
name=$(hostname -s)
port=$((20000 + $$ % 10000 * 2))
cat > slurm.conf <<END
ClusterName=test
SlurmctldHost=$name(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
SlurmctldPort=$port
SlurmdPort=$((port + 1))
CommunicationParameters=NoInAddrAny
StateSaveLocation=$here/state
SlurmdSpoolDir=$here/spool
SlurmctldPidFile=$here/slurmctld.pid
SlurmdPidFile=$here/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
SchedulerParameters=sched_interval=1
NodeName=$name NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=10 State=UP
END
slurmctld -D > slurmctld.log 2>&1 & controller=$!
slurmd -D > slurmd.log 2>&1 & node=$!
trap 'kill $node $controller 2>/dev/null || true; wait' EXIT
tries=0
until sinfo -h -o %T 2>/dev/null | grep -q idle; do
  tries=$((tries + 1))
  if [ $tries -gt 100 ]; then tail -n 2 slurmctld.log slurmd.log >&2; exit 99; fi
  sleep 0.1
done
cp "$job" job.slurm
tasks=$(sbatch --parsable --mem=0 --array=1-3 job.slurm "$@")
sbatch --mem=0 --dependency=afterok:$tasks job.slurm merge 3 "$@"
tries=0
while squeue -h | grep -q . && [ $tries -lt 600 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
cat slurm-*.out >&2
cat sweep/result.json
)";

std::string whole_search() {
  const Lab lab;
  return essence(lab.tune({"--method", "random", "--trials", "24", "--seed", "4", "--json"}));
}

}  // namespace

TEST_CASE("jobs: a sweep by GNU parallel says what one process says", "[cmd][tune][shard]") {
  const Lab lab;
  if (!is_there("parallel", lab.folder)) {
    WARN("skipped: GNU parallel is not here (apt-get install parallel, to run this test)");
    return;
  }
  const Finished swept = run_job(lab, "sh " + jobs + "tune.parallel.sh 3" + search_words(lab));
  INFO(swept.out << swept.err);
  CHECK(verdict_in(swept) == whole_search());
}

TEST_CASE("jobs: the tasks of an array job say what one process says", "[cmd][tune][shard]") {
  const Lab lab;
  for (const char* task : {"2", "3", "1"}) {   // Slurm promises no order
    const Finished one = run_job(lab, "SLURM_ARRAY_TASK_ID=" + std::string(task) + " SLURM_ARRAY_TASK_MAX=3 sh " + jobs +
                                          "tune.slurm" + search_words(lab));
    INFO(one.err);
    REQUIRE(one.exit_code == 0);
  }
  const Finished merged = run_job(lab, "sh " + jobs + "tune.slurm merge 3" + search_words(lab) + " && cat sweep/result.json");
  INFO(merged.out << merged.err);
  CHECK(verdict_in(merged) == whole_search());
}

TEST_CASE("jobs: an array job of Slurm says what one process says", "[cmd][tune][shard]") {
  const Lab lab;
  for (const char* program : {"slurmctld", "slurmd", "sbatch"}) {
    if (is_there(program, lab.folder)) continue;
    WARN("skipped: Slurm is not here (apt-get install slurm-wlm, to run this test)");
    return;
  }
  if (geteuid() != 0) {
    WARN("skipped: a node of Slurm is started by root alone");
    return;
  }
  const std::string script = lab.folder.write("cluster.sh", one_node);
  const Finished ran = run_job(lab, "sh " + script + " " + jobs + "tune.slurm" + search_words(lab));
  INFO(ran.out << ran.err);
  if (ran.exit_code == no_cluster) {
    WARN("skipped: Slurm does not start here: " << ran.err);
    return;
  }
  REQUIRE(ran.exit_code == 0);
  CHECK(verdict_in(ran) == whole_search());
}
