// The page of the search: Pagefind's own box and results, in the book's language.
const asked = new URLSearchParams(location.search).get("q");
if (location.protocol === "file:") {
  document.getElementById("search-file").hidden = false;
} else {
  const search = new PagefindUI({
    element: "#search",
    bundlePath: new URL("_static/chinese/", document.baseURI).href,
    ranking: { termFrequency: 0 }, // a long page is not better for saying a word often
    pageSize: 10,
    // Characters, where the index holds them one by one; else words.
    excerptLength: document.documentElement.lang.startsWith("zh") ? 60 : 30,
    showImages: false,
    showSubResults: true,
    autofocus: true,
    openFilters: ["类别"],
    translations: {
      placeholder: "搜索这本书",
      clear_search: "清除",
      load_more: "更多结果",
      search_label: "搜索这本书",
      filters_label: "筛选",
      zero_results: "没有找到“[SEARCH_TERM]”",
      many_results: "“[SEARCH_TERM]”有 [COUNT] 页结果",
      one_result: "“[SEARCH_TERM]”有 [COUNT] 页结果",
      alt_search: "没有找到“[SEARCH_TERM]”，改为显示“[DIFFERENT_TERM]”的结果",
      search_suggestion: "没有找到“[SEARCH_TERM]”，可以试试：",
      searching: "正在搜索“[SEARCH_TERM]”……",
    },
  });
  document.querySelector("#search input").setAttribute("aria-label", "搜索这本书");
  if (asked) search.triggerSearch(asked);
}
