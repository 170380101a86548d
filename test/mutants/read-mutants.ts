// Reads the stream vectors with each module of the codec that its arguments name, and prints a line for each: the first
// vector that the copy misreads, or null. A process of its own: a copy may do anything.
//
//   bun read-mutants.ts vectors/stream.json COPY...
import { misreadVectors } from "../runtimes/stream-reader.ts";
import type { StreamCodec, VectorsToRead } from "../runtimes/stream-reader.ts";

const [vectorsPath, ...copies] = process.argv.slice(2);
const vectors = (await Bun.file(vectorsPath).json()) as VectorsToRead;
for (const copy of copies) {
  let misread: string | null;
  try {
    const codec = (await import(copy)) as StreamCodec;
    misread = misreadVectors(codec, vectors).next().value ?? null;
  } catch (error) {
    misread = `it does not load: ${String(error)}`;
  }
  console.log(JSON.stringify({ copy, misread }));
}
