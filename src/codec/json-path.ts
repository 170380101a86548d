// JSON paths as errors name them: $.bones[3].name, $["eye color"].

/** The step to a member of an object: `.name`, or `["eye color"]` for a key that is no identifier. */
export function memberStep(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
