import { cdp } from 'vitest/browser';
import { REFERENCE_MS, standardWork } from '../support/slowness.ts';

const ROUNDS = 3;

/** What the browser's debugger is asked; its types come with Playwright's, which are Node's. */
interface Debugger {
  send(method: string, parameters?: object): Promise<{ metrics: { name: string; value: number }[] }>;
}

/**
 * How long a page's main thread works while something is done, in milliseconds of the machine that
 * limits are written on. Its own time is measured, in which other programs have no part, and compared
 * with what known work takes of it here.
 */
export async function mainThreadWork(action: () => Promise<void>): Promise<number> {
  const browser = cdp() as unknown as Debugger;
  await browser.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = await threadTimeOf(browser, action);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(await threadTimeOf(browser, async () => void standardWork()));
  }
  await browser.send('Performance.disable');
  return (REFERENCE_MS * worked) / Math.min(...rounds);
}

/** How long the main thread's tasks took that ended while something was done, in seconds of its own time. */
async function threadTimeOf(browser: Debugger, action: () => Promise<void>): Promise<number> {
  const before = await taskDuration(browser);
  await action();
  // The answer comes in a task of its own: the last of the action's has ended by then.
  return (await taskDuration(browser)) - before;
}

async function taskDuration(browser: Debugger): Promise<number> {
  const { metrics } = await browser.send('Performance.getMetrics');
  const duration = metrics.find(({ name }) => name === 'TaskDuration')?.value;
  if (duration === undefined) throw new Error('The browser does not tell how long its tasks took.');
  return duration;
}
