import { Photo } from './photo.jsx';

/** Rendered on the server; only what is in `Photo` goes on in the browser. */
export default function Page() {
  return (
    <main>
      <h1>body21 with Next.js</h1>
      <Photo sample="/sample.jpg" />
    </main>
  );
}
