// What a search finds stands in the order in which a reader wants it: a page by its name, a heading with all the words,
// a text with all the words, then what is only like them. Within each the order of the sidebar, in which the index is written.
window.Fuse = class extends window.Fuse {
  constructor(entries, options) {
    super(entries, {...options, threshold: 0.1});
    this.entries = entries;
  }
  search(query, {limit = 20} = {}) {
    const words = query.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) || [];
    const all = text => words.length && words.every(w => new RegExp(`(^|[^\\p{L}\\p{N}_])${w}(s|$|[^\\p{L}\\p{N}_])`, "u").test(text.toLowerCase()));
    const rank = o => all(o.title) && !o.section ? 0 : all(o.section) ? 1 : all(o.text) ? 2 : 3;
    const found = new Map(super.search(query).map(h => [h.item.href, h.item]));
    const ranked = this.entries.map(item => ({item, at: rank(item)})).filter(o => o.at < 3 || found.has(o.item.href));
    return ranked.sort((a, b) => a.at - b.at).slice(0, limit);
  }
};
