// SPDX-License-Identifier: Apache-2.0
// Before anything is drawn: the theme that was chosen last, else the system's.
(() => {
  let theme = null;
  try { theme = localStorage.getItem('theme'); } catch { /* it is not kept then */ }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
