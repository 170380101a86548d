// The web page's files, whether they are bundled on request from source or inside the executable.

export interface PageAsset {
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/**
 * Files by path: `/` is the document, `/client.js` the client, `/three.js` bodies in three.js, the others are
 * under `/page/`.
 */
export interface PageAssets {
  get(path: string): Promise<PageAsset | undefined>;
}
