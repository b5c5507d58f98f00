import { BodyAnalysisClient, drawPersons, filterValidPersons } from 'body21';

const photoInput = document.querySelector('#photo');
const status = document.querySelector('#status');
const canvas = document.querySelector('#picture');
const answer = document.querySelector('#answer');

let running = new AbortController();

/** Shows a picture with its skeletons. A later call takes the place of one that is under way. */
async function show(client, photo) {
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

function report(error) {
  status.textContent = error instanceof Error ? error.message : String(error);
}

async function start() {
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
