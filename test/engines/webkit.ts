import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Engine, Session } from './engine.ts';
import { findProgram } from '../../scripts/programs.ts';

/** Where Debian keeps programs that are not for a shell. */
const LIBRARIES = '/usr/lib/x86_64-linux-gnu';
/** How long a program may take to start, in milliseconds. */
const START_MS = 30_000;

/** WebKitGTK's own small browser on a screen that only it sees, over WebDriver. */
export const webkitEngine: Engine = {
  name: 'webkit',
  mayLack: ['webgpu', 'secondVisit', 'videoLive', 'otherOrigin', 'policyOther'],
  failures: {
    videoLive:
      'It fails here: a clip that plays gives few results or none. `everyFrame`, streams and cameras work.',
  },
  find() {
    const driver = findProgram('WebKitWebDriver');
    const browser = findProgram(process.env['MINIBROWSER_PATH'], 'MiniBrowser', ...miniBrowsers());
    const screen = findProgram('Xvfb');
    if (driver && browser && screen) return { launch: () => launch({ driver, browser, screen }) };
    const lacks = Object.entries({ WebKitWebDriver: driver, MiniBrowser: browser, Xvfb: screen })
      .filter(([, path]) => path === undefined)
      .map(([name]) => name);
    return {
      missing: `No ${lacks.join(', ')} found. On Debian: \`apt-get install webkit2gtk-driver xvfb\`.`,
    };
  },
};

/** MiniBrowser of every version of WebKitGTK's interface that is installed. */
function miniBrowsers(): string[] {
  const folders = existsSync(LIBRARIES) ? readdirSync(LIBRARIES) : [];
  return folders
    .filter((folder) => /^webkit(?:2gtk|gtk)-/.test(folder))
    .map((folder) => join(LIBRARIES, folder, 'MiniBrowser'));
}

interface Programs {
  driver: string;
  browser: string;
  screen: string;
}

async function launch(programs: Programs): Promise<Session> {
  const running: ChildProcess[] = [];
  const stop = async () => {
    for (const child of running.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
  };
  try {
    const display = await startScreen(programs.screen, running);
    const port = await freePort();
    const driver = spawn(programs.driver, [`--port=${port}`], {
      stdio: 'ignore',
      env: {
        ...process.env,
        DISPLAY: display,
        // No bus, no desktop and no GPU to look for.
        GTK_A11Y: 'none',
        LIBGL_ALWAYS_SOFTWARE: '1',
        // Isolated pages of WebKitGTK have SharedArrayBuffer only where this asks for it.
        JSC_useSharedArrayBuffer: '1',
      },
    });
    running.push(driver);
    await isListening(port);
    // Only here, since `run.ts` installs it.
    const { Builder, Capabilities } = await import('selenium-webdriver');
    const capabilities = new Capabilities().setBrowserName('MiniBrowser').set('webkitgtk:browserOptions', {
      binary: programs.browser,
      args: ['--automation', ...SETTINGS.map((name) => `--${name}=true`)],
    });
    const session = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities(capabilities)
      .build();
    const version = (await session.getCapabilities()).getBrowserVersion();
    return {
      version: `WebKitGTK ${version}`,
      open: (url) => session.get(url),
      async close() {
        await session.quit();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What MiniBrowser leaves off: cameras, and one that is drawn, since there is none here. */
const SETTINGS = ['enable-media-stream', 'enable-mock-capture-devices'];

/** A screen in memory; it chooses its own number, so that two can be there at a time. */
async function startScreen(path: string, running: ChildProcess[]): Promise<string> {
  const screen = spawn(path, ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  running.push(screen);
  // Node types the fourth as either way.
  const numbers = createInterface({ input: screen.stdio[3] as Readable });
  const signal = AbortSignal.timeout(START_MS);
  const [number] = (await once(numbers, 'line', { signal })) as [string];
  return `:${number}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

async function isListening(port: number): Promise<void> {
  const end = Date.now() + START_MS;
  for (;;) {
    try {
      await fetch(`http://127.0.0.1:${port}/status`);
      return;
    } catch (cause) {
      if (Date.now() > end) throw new Error('WebKitWebDriver did not start', { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
