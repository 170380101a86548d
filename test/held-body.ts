// A request's body that stays under way until the test lets it end.

/** Ten bytes at once, and the others when `sendRest` is called. */
export function heldBody(bytes: Uint8Array): { body: ReadableStream; sendRest: () => void } {
  let sendRest = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.subarray(0, 10));
      sendRest = () => {
        controller.enqueue(bytes.subarray(10));
        controller.close();
      };
    },
  });
  return { body, sendRest };
}
