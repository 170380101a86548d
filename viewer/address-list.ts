// Address list: where the server is reachable, and from where.
import { Copyable } from "./copyable.ts";
import type { ServerAddress } from "./server-status.ts";

export class AddressList {
  readonly #list: HTMLElement;
  #shown = "";

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  update(addresses: readonly ServerAddress[]): void {
    const shown = JSON.stringify(addresses);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#list.replaceChildren(...addresses.map(addressItem));
  }
}

function addressItem({ name, url }: ServerAddress): HTMLElement {
  const item = document.createElement("li");
  const label = document.createElement("p");
  label.append(textElement("strong", name), " ", textElement("span", reach(name, url)));
  const line = document.createElement("p");
  line.className = "copyable";
  if (isWildcard(url)) line.append(textElement("code", url));
  else new Copyable(line, `the ${name} address`).text = url;
  item.append(label, line);
  return item;
}

function reach(name: ServerAddress["name"], url: string): string {
  switch (name) {
    case "Local":
      return "from this machine";
    case "Network":
      return "from other machines and headsets";
    case "External":
      return isWildcard(url) ? "listens on every network of this machine" : "the bound address";
  }
}

const isWildcard = (url: string) => /\/\/(0\.0\.0\.0|\[::\])(:|$)/.test(url);

function textElement(tag: "code" | "span" | "strong", text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
