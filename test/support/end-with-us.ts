/** Ends the programs of tests when the process that runs these is ended before it can do so. */
import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Reads `start PID` and `end PID` of process groups. The end of its input is the end of the tests'
 * process, however that came: what is not ended then is killed. After `exit PID` that process has
 * nothing left to do: Node cleans up, which was seen to last for ever.
 * $1: how long that may take, s.
 */
const WATCHER = `
groups=
while read -r word group; do
  case $word in
  start) groups="$groups $group" ;;
  end)
    left=
    for other in $groups; do [ "$other" = "$group" ] || left="$left $other"; done
    groups=$left
    ;;
  exit)
    tenths=$(($1 * 10))
    while kill -s 0 "$group" && [ $((tenths -= 1)) -ge 0 ]; do sleep 0.1; done 2> /dev/null
    kill -s KILL "$group" 2> /dev/null
    ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`;

let watcher: ChildProcess | undefined;

/** How long a process may take to end after its last test, s. */
const LAST = process.env['DENYWATCH_LAST'] ?? '30';
/** How often to look whether the run of which this file's process is a part is still there, ms. */
const LOOK = 1000;

// node:test leaves the processes of its files running when it is ended itself.
if (process.env['NODE_TEST_CONTEXT'] !== undefined) {
  const run = process.ppid;
  setInterval(() => process.ppid === run || process.kill(process.pid, 'SIGKILL'), LOOK).unref();
}

function tell(line: string): void {
  if (watcher === undefined) {
    // In a session of its own, so that what ends the tests' process group does not end it too.
    watcher = spawn('sh', ['-c', WATCHER, 'sh', LAST], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    watcher.unref();
    watcher.stdin?.on('error', () => {});
    // A pipe of a child is a socket, whose type does not say so.
    (watcher.stdin as (NodeJS.WritableStream & { unref(): void }) | null)?.unref();
    process.on('exit', () => tell(`exit ${process.pid}\n`));
  }
  watcher.stdin?.write(line);
}

/** From now on this process group ends with this process. */
export function endWithUs(group: number): void {
  tell(`start ${group}\n`);
}

/** The process group has ended: its number may become another's. */
export function hasEnded(group: number): void {
  tell(`end ${group}\n`);
}
