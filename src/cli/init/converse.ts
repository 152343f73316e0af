/** `init` on a terminal: asks, writes, checks, and offers a dry run. */
import { ConfigError } from '../../config/error.ts';
import { complain, linesOf, print, printText } from '../../text/terminal.ts';
import { main as check } from '../check.ts';
import { main as run } from '../run.ts';
import { askAll } from './dialogue.ts';
import { printDropIn, printWritten, writePlan, type Plan } from './plan.ts';
import { Interrupted, Prompt } from './prompt.ts';

/** Asks, writes, checks, and offers a dry run. */
export async function converse(known: Plan): Promise<number> {
  const { path } = known;
  const intro = `This writes ${path}. Press Enter to take the answer in brackets, or Ctrl-C to end without writing anything.`;
  printText(intro);
  print('');
  const plan = await asked(known);
  if (plan === null) return fail('interrupted: nothing was written');
  const problem = await writePlan(plan);
  if (problem !== null) return fail(problem);
  printWritten(plan);
  print('', 'denywatch check:');
  const isRight = await passesCheck(path);
  if (isRight && (await wantsDryRun())) await run(['--dry-run', '--once', '--config', path]);
  print(
    '',
    ...(isRight ? [] : ['Once that is corrected:', '']),
    'To start the agent:               systemctl enable --now denywatch',
    'To send an OK to each service:    denywatch test',
  );
  await printDropIn(plan);
  return 0;
}

async function asked(plan: Plan): Promise<Plan | null> {
  const prompt = new Prompt();
  try {
    const { monitor, isNamed, host, client, path } = plan;
    const answers = await askAll(prompt, { monitor, isNamed, host, path, client });
    return { ...plan, ...answers, isNamed: true, place: answers.monitor.place };
  } catch (error) {
    if (error instanceof Interrupted) return null;
    throw error;
  } finally {
    prompt.close();
  }
}

/** Whether the configuration can be read, whatever else `check` finds. */
async function passesCheck(path: string): Promise<boolean> {
  try {
    await check(['--config', path]);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    complain(...linesOf(error.message));
    return false;
  }
}

async function wantsDryRun(): Promise<boolean> {
  print('');
  const prompt = new Prompt();
  try {
    return await prompt.isYes('Show what would be sent for the logs as they are now?');
  } catch (error) {
    if (error instanceof Interrupted) return false;
    throw error;
  } finally {
    prompt.close();
  }
}

/** Complains, and returns the exit status. */
export function fail(text: string): number {
  complain(`denywatch init: ${text}`);
  return 1;
}
