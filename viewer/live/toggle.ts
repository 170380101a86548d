// Toggle: a button that is pressed or not, and says so to screen readers.

export function setPressed(button: HTMLElement, isPressed: boolean): void {
  button.ariaPressed = String(isPressed);
}

/** Has each click on the button press or release it; `set` is told which. */
export function onToggle(button: HTMLElement, set: (isPressed: boolean) => void): void {
  button.addEventListener("click", () => {
    const isPressed = button.ariaPressed !== "true";
    setPressed(button, isPressed);
    set(isPressed);
  });
}
