// SPDX-License-Identifier: Apache-2.0
// What a view must not have, seen from inside it: an expression, whose value is an object of facts.
(() => {
  // Texts whose contrast is below what WCAG asks for (AA): 4.5, or 3 if they are large.
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const over = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  };
  const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  function faint() {
    const out = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement, style = getComputedStyle(element);
      const unseen = element.closest('.unseen, .skip, svg, option, noscript');
      if (!texts.currentNode.data.trim() || !element.checkVisibility() || unseen) continue;
      const grounds = ['white'];
      for (let at = element; at; at = at.parentElement)
        grounds.splice(1, 0, getComputedStyle(at).backgroundColor);
      const contrast = ratio(light(over(grounds)), light(over([...grounds, style.color])));
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast < (large ? 3 : 4.5))
        out.add(`${element.tagName}.${element.className}: ${contrast.toFixed(2)}`);
    }
    return [...out].slice(0, 5);
  }

  const all = (selector) => [...document.querySelectorAll(selector)];
  const levels = all('main h1, main h2, main h3, main h4').map((e) => Number(e.tagName[1]));
  const own = (e) => e.closest('svg.chart, svg.spark') ||
    ['icon.svg', 'theme.js', 'app.js'].includes(e.getAttribute('src'));
  const named = (e) => e.textContent.trim() || e.labels?.length || e.getAttribute('aria-label');
  return {
    owned: !!window.owned || document.title.startsWith('owned'),
    wide: document.documentElement.scrollWidth > innerWidth + 1,
    foreign: all('script, img, svg, [onload], [onerror], iframe, object, style')
      .filter((e) => !own(e)).length,
    unnamed: all('button, a, input, select').filter((e) => !named(e)).length,
    unmarked: !(document.documentElement.lang === 'en' && all('main').length === 1 &&
      all('nav[aria-label]').length && all('h1').length === 1 &&
      all('a.skip[href="#main"]').length),
    jumps: levels.some((level, i) => i > 0 && level > levels[i - 1] + 1),
    faint: faint().join(', '),
    bidi: /[\u202a-\u202e\u2066-\u2069\u0007\u001b]/.test(
      document.body.textContent + document.title),
  };
})()
