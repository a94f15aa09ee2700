// Light, dark, or as the system says.  The choice is kept where the browser allows it; a page opened from a file may not be.
import { capital } from "./format.js";

const KEY = "croft-theme";
const THEMES = ["auto", "light", "dark"];

function stored() {
  try {
    const value = localStorage.getItem(KEY);
    return THEMES.includes(value) ? value : "auto";
  } catch {
    return "auto";
  }
}

function set(theme) {
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is off: the choice holds until the page is closed.
  }
}

export function themeChoice(choice) {
  set(stored());
  return choice(
    "theme",
    "Colours",
    THEMES.map((value) => ({ value, label: capital(value) })),
    stored(),
    set,
  );
}
