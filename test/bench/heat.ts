/**
 * One heat: each entrant in a page of its own in one browser, and a few calls each in turn, so that whatever
 * slows the machine down for a while slows all of them.
 */
import type { BrowserContext, Page } from 'playwright';
import type { Entrant, EntrantPage, Heat } from './entrants.ts';
import type { Call, Contender } from './pages/contender.ts';

/**
 * Before any call is measured: browsers translate WASM for speed only after it has run for a while. So many
 * calls, or fewer where they have taken so many milliseconds.
 */
const WARM_UP = { calls: 30, step: 5, enoughMs: 4000 };
/**
 * Calls at the beginning of a turn that are not measured: the caches are
 * somebody else's, and threads are asleep.
 */
const TURN_CALLS = 2;

/** How much is measured. */
export interface Amount {
  rounds: number;
  /** Of each entrant in each round. */
  calls: number;
}

/** What an entrant's measured calls took. */
export interface Measured {
  entrant: Entrant;
  calls: Call[];
}

/** @throws Error where an entrant finds nobody: that is not the work that is compared */
export async function runHeat(
  context: BrowserContext,
  origin: string,
  { name, entrants }: Heat,
  { rounds, calls }: Amount,
): Promise<Measured[]> {
  const pages = new Map<string, Page>();
  try {
    for (const { page } of entrants) {
      const key = JSON.stringify(page);
      if (!pages.has(key)) pages.set(key, await openPage(context, origin, page));
    }
    const turn = async ({ page: wanted, task, figure }: Entrant, count: number) => {
      const page = pages.get(JSON.stringify(wanted));
      if (!page) throw new Error(`${figure} has no page`);
      // A page in the background gets less of the machine.
      await page.bringToFront();
      return page.evaluate(
        ([asked, times]) => {
          if (!globalThis.benchContender) throw new Error('no contender');
          return globalThis.benchContender.call(asked, times);
        },
        [task, count] as const,
      );
    };
    console.error(`${name}: warming up ${entrants.length} entrants`);
    for (const entrant of entrants) {
      const start = performance.now();
      for (let made = 0; made < WARM_UP.calls; made += WARM_UP.step) {
        if (performance.now() - start > WARM_UP.enoughMs) break;
        await turn(entrant, WARM_UP.step);
      }
    }
    const measured = entrants.map((entrant): Measured => ({ entrant, calls: [] }));
    for (let round = 0; round < rounds; round++) {
      console.error(`${name}: round ${round + 1} of ${rounds}`);
      // Forwards and backwards, so that nobody always comes after the same one.
      for (const one of round % 2 === 0 ? measured : measured.toReversed()) {
        const all = await turn(one.entrant, TURN_CALLS + calls);
        one.calls.push(...all.slice(TURN_CALLS));
      }
    }
    for (const { entrant, calls: made } of measured) {
      const found = made.filter((call) => call.found).length;
      if (!entrant.isSilent && found < 0.9 * made.length) {
        throw new Error(`${entrant.figure} has found someone in ${found} of ${made.length} calls only`);
      }
    }
    return measured;
  } finally {
    for (const page of pages.values()) await page.close();
  }
}

async function openPage(context: BrowserContext, origin: string, wanted: EntrantPage): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}/empty`);
  await openContender(page, origin, wanted);
  return page;
}

/** Loads a contender into an empty page. */
export async function openContender(
  page: Page,
  origin: string,
  { module, options }: EntrantPage,
): Promise<void> {
  console.error(`  opening ${module} ${JSON.stringify(options)}`);
  await page.evaluate(
    async ([url, given]) => {
      if (!crossOriginIsolated) throw new Error('the page is not isolated');
      const loaded = (await import(url)) as { open: (given: unknown) => Promise<Contender> };
      globalThis.benchContender = await loaded.open(given);
    },
    [`${origin}/test/bench/pages/${module}.ts`, options] as const,
  );
}
