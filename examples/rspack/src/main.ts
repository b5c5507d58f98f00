import { BodyAnalysisClient, drawPersons, filterValidPersons } from 'body21';

const photoInput = find('photo', HTMLInputElement);
const status = find('status', HTMLElement);
const canvas = find('picture', HTMLCanvasElement);
const answer = find('answer', HTMLElement);

let running = new AbortController();

/** Shows a picture with its skeletons. A later call takes the place of one that is under way. */
async function show(client: BodyAnalysisClient, photo: Blob): Promise<void> {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  status.textContent = 'Looking for people …';
  try {
    const result = await client.bodyAnalysis(photo, { signal });
    const picture = await createImageBitmap(photo);
    if (signal.aborted) return;
    [canvas.width, canvas.height] = [picture.width, picture.height];
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser gives no canvas to draw on.');
    context.drawImage(picture, 0, 0);
    const people = filterValidPersons(result);
    drawPersons(context, people);
    answer.textContent = JSON.stringify(result, null, 2);
    const { name, threads } = client.backend;
    status.textContent = `People: ${people.person_num}. Backend: ${name}, threads: ${threads}.`;
  } catch (error) {
    if (!signal.aborted) report(error);
  }
}

function report(error: unknown): void {
  status.textContent = error instanceof Error ? error.message : String(error);
}

function find<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`The page has no #${id}.`);
  return element;
}

async function start(): Promise<void> {
  // The smallest download and the quickest answer; without the two, more people are found.
  const client = await BodyAnalysisClient.create({
    model: 'lite',
    quality: 'fast',
    onProgress: ({ loaded, total }) => {
      status.textContent = `Loading: ${Math.round((100 * loaded) / total)} %`;
    },
  });
  photoInput.addEventListener('change', () => {
    const [photo] = photoInput.files ?? [];
    if (photo) void show(client, photo);
  });
  const sample = await fetch('sample.jpg');
  await show(client, photoInput.files?.[0] ?? (await sample.blob()));
}

start().catch(report);
