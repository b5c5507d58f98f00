import { expect, test } from 'playwright/test';
import type * as Library from '../../src/index.ts';
import { openHideablePage } from '../support/hideable-page.ts';
import { Hosts } from './hosts.ts';

/*
 * The built package in a page that is hidden behind another tab, where browsers show no frames and let timers run seldom.
 */

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var body21: typeof Library;
  // oxlint-disable-next-line no-var -- as above
  var stepped: number[];
  // oxlint-disable-next-line no-var -- as above
  var goOn: (() => void) | undefined;
}

const APP = 'http://app.localhost';

test('a clip that is stepped through loses no frame while its page is hidden', async () => {
  const hosts = await Hosts.start();
  hosts.serve(APP);
  const tab = await openHideablePage(hosts.proxy);
  try {
    await tab.page.goto(APP);
    await tab.page.waitForFunction(() => 'body21' in globalThis);
    /** The time of each of the first frames, in milliseconds. */
    const stepThrough = (restsAfter?: number) =>
      tab.page.evaluate(async (rest) => {
        globalThis.stepped = [];
        const client = await globalThis.body21.BodyAnalysisClient.create({
          model: 'lite',
          quality: 'fast',
          backend: 'wasm',
          warmUp: false,
        });
        const video = document.createElement('video');
        video.muted = true;
        // A blob can be sought in; what a host without ranges sends cannot.
        video.src = URL.createObjectURL(await (await fetch('/samples/crossing.webm')).blob());
        for await (const { timestamp } of client.track(video, { everyFrame: true })) {
          globalThis.stepped.push(timestamp);
          if (globalThis.stepped.length === 20) break;
          if (globalThis.stepped.length === rest) await new Promise<void>((go) => (globalThis.goOn = go));
        }
        client.dispose();
        return globalThis.stepped;
      }, restsAfter);
    const countSteps = () => tab.page.evaluate(() => globalThis.stepped.length);
    const shown = await stepThrough();
    expect(shown).toHaveLength(20);

    const hiddenMeanwhile = stepThrough(6);
    await tab.page.waitForFunction(() => 'goOn' in globalThis);
    await tab.hide();
    await tab.page.evaluate(() => globalThis.goOn?.());
    // However quick the machine, no more comes: from one that goes on, all would in this time.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await countSteps()).toBe(6);
    await tab.show();
    expect(await hiddenMeanwhile).toEqual(shown);
  } finally {
    await tab.close();
    await hosts.close();
  }
});
