"""The lines that blog engines and their themes put around posts, as text extraction leaves them.

Each is a regular expression for a whole line, whatever its case. A repeat inside a repeat, or two
repeats side by side that take the same characters, would make a hostile line take for ever: part
them, and give them a bound.
"""

from __future__ import annotations

from enum import StrEnum

from askscwru.ingest.dates import DATE_PATTERN, MONTH_PATTERN, TIME_PATTERN


class Role(StrEnum):
    """What a line of furniture does on the page."""

    CONTINUE = "continue"
    """The post goes on elsewhere: what stands here is an opening."""
    META = "meta"
    """Date, category, tag, comment count: stands right before or after a post."""
    SHARE = "share"
    FOLLOW = "follow"
    NOTICE = "notice"
    """Disclaimer, licence, newsletter, advertisement: stands after a post or after the page."""
    PAGE_HEADER = "page header"
    """What the archive is of; stands before its posts."""
    SECTION = "section"
    """Opens a part of the page that holds no posts (comments, recent posts, archives)."""
    COMMENTS = "comments"
    """Opens the readers' comments."""
    CHROME = "chrome"
    """Menus, search boxes, widget leftovers."""
    CAPTION = "caption"
    """Says what a picture shows or whose it is."""


PATTERNS: tuple[tuple[Role, tuple[str, ...]], ...] = (
    (
        Role.PAGE_HEADER,
        (
            (
                r"(?:posts?|entries|articles|blogs?|items) (?:tagged|by|in|from|filed under|"
                r"categori[sz]ed)\b.{0,100}"
            ),
            (
                r"(?:(?:tag|category|author|monthly|yearly|daily)s? )?archives?(?: for| of| by|"
                r""":)?\s*(?:the\s+)?[‘'“\":].{0,100}"""
            ),
            r"(?:monthly |tag |category |author |blog )?archives?(?: for (?:the\s+)?.{0,80})?",
            r"(?:tag|category|topic|author|label|browsing(?: tag| category)?)\s?:\s.{1,80}",
            r"(?:tag|category|author) archives?:?.{0,80}",
            r"all posts (?:by|in|tagged)\b.{0,80}",
            r"showing posts (?:with|from)\b.{0,100}",
            r"browse by .{0,40}",
            r"search results.{0,80}",
            r"archives? de la catégorie\s*:.{0,80}",
            r"articles (?:tagués|étiquetés|classés).{0,80}",
            r"(?:home\s*)?(?:[»›>/]\s*[^»›>/]{1,40}){1,4}",
            r"home\s*[|»›>/].{0,100}",
        ),
    ),
    (
        Role.COMMENTS,
        (
            (
                r"(?:\d+|one|two|three|no|leave a|leave|add a|post a|write a)\s*(?:comments?|"
                r"repl(?:y|ies)|responses?|thoughts?|pingbacks?)\s*(?:(?:on|to|so far|so far\.|"
                r"cancel|»|→|[|•·:,(]).{0,160})?"
            ),
            r"comments?(?:\s*\(\d+\))?\s*(?::|[|•·].{0,80})?",
            r"comments? (?:from|on) .{0,40}\d+.{0,20}",
            r"(?:sharing and|readers[’']?|all|view|show|hide|load|see) comments?.{0,20}",
            r"""(?:what are your )?thoughts on\s[“\"‘'].{0,160}""",
            r"join the conversation",
            (
                r"(?:comments|comment section|trackbacks?|pings?) (?:are|is) (?:now |currently "
                r")?(?:closed|off|disabled)(?: (?:on|for) (?:this|the) \w+)?\s*\.?"
            ),
            r"your email address will not be published.*",
            r"cancel reply",
            r"fill in your details below.{0,80}",
            r"you are commenting using.{0,120}",
            r"wordpress\.com logo",
            r"(?:twitter|facebook|google\+?) (?:picture|photo)",
            r"connecting to %s",
            r"by submitting a comment.{0,200}",
            r"comment by .{2,60} (?:posted|on)\b.{0,60}",
            r"laisser un commentaire.{0,40}",
            r"deja un comentario",
            r"comentarios?",
            r"commentaires?(?:\s*\(\d+\))?",
            r"\d+ (?:commentaires?|comentarios?)",
        ),
    ),
    (
        Role.SECTION,
        (
            r"related",
            (
                r"(?:recent|latest|popular|top|related|similar|featured|more|other|trending|"
                r"previous|older)\s+(?:posts?|articles?|comments?|stories|entries|blogs?|"
                r"tweets?|content|links|reading|resources|publications|research|news|stories|"
                r"topics|from.*|on .{1,40}|in .{1,40})(?: (?:and|&) \w+)?:?"
            ),
            r".{0,60}\b(?:blog|news)\b.{0,10}: recent posts",
            r"archives?",
            r"categor(?:y|ies)",
            r"tags",
            r"tag cloud",
            r"blogroll",
            r"meta",
            r"you (?:may|might) also (?:like|be interested in|enjoy)\b.{0,40}",
            r"see also:?",
            (
                r"about (?:me|us|this|our|the (?:blog|site|website|project|unit|centre|center|"
                r"team|institute|university|department|observatory|foundation|organi[sz]ation|"
                r"society|network|publisher))(?: .{1,40})?"
            ),
            r"twitter updates",
            r"tweets(?: by .{1,40})?",
            r"(?:subscribe|subscribe to (?:our |this )?(?:blog|newsletter).{0,40})",
            r"blog stats",
            r"instagram",
            r"top posts(?: & pages)?",
            r"(?:upcoming|forthcoming|future|past) events",
            r"dates for (?:your|the) diary",
            r"events calendar",
            r"(?:recommended|more|latest) (?:for you|from|by|in|on|reading)\b.{0,60}",
            r"what to read next",
            r"read next",
            r"up next",
            r"you might also like.*",
            r"follow us.{0,20}",
            r"stay (?:in touch|connected|up to date)",
            r"newsletter",
            r"our (?:sponsors|partners|funders|authors|contributors)",
            r"followers",
            r"blog archive",
            r"share your (?:views|thoughts)",
            r"popular tags",
            r"editor[’']?s picks?",
            r"most (?:read|popular|viewed|recent|commented|shared).{0,20}",
            r"trending.{0,20}",
            r"in this (?:section|series|issue)",
            r"articles? (?:similaires|liés)",
            r"à lire aussi.{0,20}",
            r"artículos relacionados",
            r"ähnliche beiträge",
            r"articles récents",
            r"entradas recientes",
            r"catégories",
            r"categorías",
            r"archivos?",
            r"étiquettes",
            r"follow blog via email",
            r"email subscription",
            r"search this (?:blog|site)",
            r"contributors",
            r"navigation",
            r"post navigation",
            r"site map",
            r"sitemap",
            r"quick links",
            r"useful links",
            r"contact(?: us)?",
        ),
    ),
    (
        Role.META,
        (
            (
                r"(?:posted|filed|published|categori[sz]ed|tagged|updated|last (?:updated|"
                r"modified)|publié|publicado|veröffentlicht)\s*(?:(?:in|under|on|at|by|as|with|"
                r"le|el|am|dans|en|unter)\b|:|\||\d).{0,240}"
            ),
            (
                r"(?:tags?|labels?|categor(?:y|ies)|filed under|topics?|keywords?|étiquettes|"
                r"etiquetas)\s*:\s?.{1,240}"
            ),
            (
                r"(?:(?:on|date|published|le|am|"
                rf"el)\s*:?\s*)?{DATE_PATTERN}(?:,?\s*(?:at\s*)?{TIME_PATTERN})?(?:\s*[|"
                r"•·–—/,-]\s*.{0,80})?"
            ),
            rf"(?:[\w’'. -]{{3,40}})\s*[|•·]\s*{DATE_PATTERN}.{{0,80}}",
            r"\d+\s*min(?:ute)?s?(?: read(?:ing)?(?: time)?)?",
            r"reading time.{0,40}",
            r"(?:estimated )?reading time.*",
            r"permalink",
            r"bookmark the permalink.*",
            rf"{DATE_PATTERN}\s+(?:in|by|under|\||[•·–—-])\s*.{{1,80}}",
            r"(?:views?|reads?|word count)\s*:\s*[\d,.]+",
            (
                r"(?:author|authors|date|published|publication date|series|section|read time|"
                r"reading time|issue|volume)\s*:\s.{1,120}"
            ),
            r"non classé",
            r"edit(?: this)?",
            r"print(?: this)?",
            r"pdf",
            r"uncategori[sz]ed",
            r"\d+ (?:views?|likes?|shares?|claps?)",
        ),
    ),
    (
        Role.SHARE,
        (
            (
                r"(?:share|tweet|like|email|print|pin)\s*(?:this|on|via|it)?\s*(?:post|article|"
                r"story|page)?\s*:?"
            ),
            r"share (?:this|on|via|with|to)\b.{0,80}",
            r"click to (?:share|email|print|tweet).{0,120}",
            (
                r"(?:(?:facebook|twitter|linkedin|whatsapp|reddit|pinterest|tumblr|pocket|"
                r"telegram|e-?mail|print|mastodon|bluesky|x|skype|share|tweet|google\+?|more|"
                r"copy link|messenger|threads|pin ?it|blogthis!|email this)[\s,|•·/]*){1,14}"
            ),
            r"like this:?",
            r"like\s*loading.*",
            r"loading(?:\.{3}|…)?",
            r"be the first to like this\.?",
            r"\d+ bloggers? like(?:s)? this\.?:?",
            r"liked by.{0,60}",
            r"partager.{0,40}",
            r"compartir.{0,40}",
            r"email this\s*blogthis!.*",
            r"j[’']aime(?: ça)?\s*(?::|chargement.*)?",
            r"me gusta(?: esto)?\s*:?.{0,20}",
            r"gefällt mir.{0,20}",
            r"teilen.{0,30}",
            r"condividi.{0,30}",
            r"listen",
            r"share",
            r"save",
            r"clap",
            r"rate this\s*:?",
            r"give this article.{0,20}",
            r"(?:listen to|download|save) (?:this )?(?:article|post|pdf|page).{0,40}",
            r"print friendly.{0,40}",
            r"\d+ shares?",
            r"share.{0,3}\d+",
            r"tweet.{0,3}\d*",
            r"\d+ comments? [|•·].{0,40}",
            (
                r"(?:share|email|print|tweet|post|save|like|comment|copy link)(?:[|•·/,][\w "
                r"]{1,20}){1,10}"
            ),
        ),
    ),
    (
        Role.FOLLOW,
        (
            r"follow\s*(?:us|me|her|him|them|the author|the unit|@\w+).{0,120}",
            r"(?:(?:follow|twitter|tweet)?:?\s*@\w{2,30}[\s|,&•·/.]*(?:and|or)?\s*){1,6}",
            (
                r"(?:you can )?(?:follow|find) (?:us|me|her|him|them|[A-Z][\w’' -]{2,40}) on "
                r"(?:twitter|x|facebook|linkedin|mastodon|bluesky|instagram).{0,80}"
            ),
            r"(?:[\w’' -]{3,40} )?tweets (?:at|as|from|@).{0,60}",
        ),
    ),
    (
        Role.NOTICE,
        (
            (
                r".{0,60}\b(?:newsletter|mailing list|e-?alerts?|email "
                r"updates?)\b.{0,160}\b(?:sign(?:ing)? up|subscrib\w+|discount)\b.{0,160}"
            ),
            (
                r"(?:sign up|subscribe|register)\b.{0,80}\b(?:newsletter|updates|alerts|blog|"
                r"list|free trial|rss|feed|email|e-mail|inbox)\b.{0,120}"
            ),
            r"enter your email.{0,160}",
            r"(?:join|with) [\d,.]+ (?:other )?(?:followers|subscribers).{0,60}",
            (
                r"(?:note|disclaimer|nb)?:?\s*(?:the|this|these|any|all|opinions|"
                r"views)\b.{0,60}\b(?:views?|opinions?)\b.{0,80}\b(?:of the (?:original "
                r")?(?:blog )?(?:post )?authors?|are (?:my|solely)|(?:on|in) this (?:blog|site|"
                r"website|post)|do(?:es)? not (?:necessarily )?(?:represent|reflect)|not "
                r"(?:necessarily )?(?:the (?:position|view|opinion)s?|those of)|my own|the "
                r"authors?[’'] own)\b.{0,300}"
            ),
            (
                r"this (?:article|post|blog) (?:gives|represents|reflects|expresses) the "
                r"(?:views?|opinions?)\b.{0,300}"
            ),
            r"note: this (?:article|post).{0,300}",
            r"this (?:entry|post|article) was (?:posted|written|published|last).{0,300}",
            (
                r"(?:please )?(?:read|see|check|review) our (?:comments?|community|house) "
                r"(?:policy|rules|guide).{0,120}"
            ),
            (
                r".{0,40}(?:comments policy|privacy policy|cookies? policy|terms of use|terms "
                r"(?:and|&) conditions).{0,120}"
            ),
            r".{0,80}\b(?:we use|uses|this site uses|use of) cookies\b.{0,300}",
            r"cookies?(?: notice| settings)?",
            r"privacy (?:&|and) cookies.{0,400}",
            r"(?:accept|reject)(?: all)?(?: cookies)?",
            r"got it!?",
            r"(?:©|\(c\)|copyright)\s.{0,200}",
            r".{0,60}\ball rights reserved\b.{0,80}",
            r"(?:[\w’' ]{0,30})?creative commons.{0,200}",
            (
                r".{0,120}\blicen[sc]ed under (?:a |the )?(?:creative commons|cc|gnu|"
                r"open)\b.{0,160}"
            ),
            r"republish (?:our|this) .{0,120}",
            r"(?:proudly )?powered by .{1,80}",
            r"(?:theme|design|site|template|website)(?: design)?(?: images)?(?: by|:)\s.{1,80}",
            r"(?:blog at|a) wordpress\.com.{0,60}",
            r"create a free website.{0,60}",
            r"get started",
            r"\*?\s*this article is (?:only|free).{0,160}(?:subscri|access|trial).{0,160}",
            r"you are receiving this .{0,200}",
            r"thanks for reading\b.{0,200}",
            r"(?:already )?have an account\b.{0,60}",
            r"all content is available under .{0,160}",
            r"abonnez-vous.{0,120}",
            r"(?:propulsé|desarrollado|creado) (?:par|por) .{1,80}",
            r"thème\s*:.{1,80}",
            r"error: (?:twitter|facebook|instagram|no feed).{0,160}",
            r"bad behavior has blocked .{0,120}",
            (
                r"(?:this|our) (?:blog|site|website|page) (?:is|was) (?:written|run|maintained|"
                r"hosted|moderated|managed|archived|no longer updated)\b.{0,200}"
            ),
            r"if you (?:enjoyed|liked|like|found) (?:this|reading)\b.{0,200}",
            r"(?:click )?here to (?:subscribe|sign up|register|join)\b.{0,120}",
            r"don[’']t miss (?:a|our)\b.{0,120}",
            r"get\b.{0,120}\b(?:in|to) your (?:inbox|e-?mail).{0,60}",
            r"get (?:our|the latest|weekly|updates)\b.{0,120}(?:e-?mail|newsletter).{0,60}",
            r"(?:registered|company) (?:charity|company|office|in england|no\b|number).{0,160}",
            (
                r".{0,80}\bis a (?:registered charity|charity registered|company limited by "
                r"guarantee)\b.{0,160}"
            ),
            r".{0,80}, registered in (?:england|scotland|wales|the uk)\b.{0,160}",
            r"also available\s?:.{1,200}",
            r"find out more about .{1,160}\bhere\.?",
            r"(?:order|buy|pre-order)\b.{0,60}\b(?:here|now|copy)\b.{0,80}",
            (
                r"(?:this (?:post|article|blog) )?(?:was )?(?:first|originally) (?:published|"
                r"appeared|posted)\b.{0,200}"
            ),
            r"back to top",
            r"top of page",
            r"return to top",
            r"image credits?\b.{0,160}",
        ),
    ),
    (
        Role.CHROME,
        (
            rf"{MONTH_PATTERN}(?: \(\d+\))?",
            r"%[ds] .{0,80}",
            r"advertisements?",
            r"report this ad",
            r"sponsored.{0,40}",
            r"ad",
            r"skip to .{0,40}",
            r"(?:main |primary |secondary )?(?:menu|nav(?:igation)?|sidebar|content)",
            r"search(?: for)?\s*:?",
            r"search(?: results)?",
            r"toggle .{0,30}",
            (
                r"(?:site )?(?:log ?in|log ?out|sign up|join|register|sign in|sign out|"
                r"subscribe|subscribed)"
            ),
            r"home",
            r"about(?: us)?",
            r"contact(?: us)?",
            r"blog",
            r"news",
            (
                r"(?:(?:home|about|blog|contact|news|events|publications|resources|people|team|"
                r"search|research|projects|shop|archive|services|podcasts?|training|faq|donate|"
                r"jobs|courses)(?: us)?(?:[\s|•·/»›,-]+|$)){2,}"
            ),
            r"[←→‹›]\s*.{0,120}",
            r"«\s*(?:older|newer|previous|prev|next|back)\b.{0,80}",
            r".{1,80}\s[→›]",
            (
                r"(?:older|newer|next|previous|prev)(?: posts?| entries| page| article| "
                r"story)?\s*[→»›]*"
            ),
            r"(?:page )?\d+ of \d+",
            r"(?:page\s*)?\d+(?:[\s,|…]+\d+)+.{0,20}",
            r"page \d+",
            r"close(?: and accept)?",
            r"×",
            r"select (?:category|month)",
            r"select .{0,20}",
            r"rss(?: feed)?",
            r"[\w’'& -]{1,30}(?:[|•·][\w’'& -]{1,30}){2,12}",
            r"permalink gallery",
            r"gallery",
            r"\d[\d.,]*[km]?(?: (?:claps?|followers|views|reads|shares|responses|likes))?",
            r"open in app",
            r"get (?:the )?app",
            r"read offline",
            r"text to speech",
            r"listen to this .{0,40}",
            r"play(?: audio)?",
            (
                r"(?:accessibility|legal|sitemap|careers|press|status|help|imprint|impressum|"
                r"mentions légales)"
            ),
            r"(?:entries|comments) (?:rss|feed|\(rss\)|\(atom\))",
            r"wordpress\.(?:com|org)",
            r"atom",
            r"(?:subscribe to:? )?(?:posts|comments|post comments) ?\(atom\)",
            r"view my complete profile",
            r"reblog(?:ged)?.{0,20}",
            r"customi[sz]e",
            r"(?:copy|report|manage|collapse) .{0,40}",
            r"follow(?:ing)?",
            r"email address:?",
            r"submit",
            r"send",
            r"go",
            r"ok",
            r"yes",
            r"no",
            r"save",
            r"name \*?",
            r"email \*?",
            r"website",
            r"comment \*?",
            r"(?:tel(?:ephone)?|phone|mobile|fax|e-?mail|address)\s*:.{1,100}",
            r"post comment",
            r"notify me of .{0,80}",
            r"[\W_\d]{1,12}",
            r"https?://\S+",
            r"www\.\S+",
            r"\S+@\S+\.\S+",
            r"menu principal",
            r"aller au contenu",
            r"saltar al contenido",
            r"rechercher\s?:?",
            r"buscar\s?:?",
            r"inicio",
            r"accueil",
        ),
    ),
    (
        Role.CAPTION,
        (
            (
                r"(?:photo(?:graph)?s?|image|picture|pic|figure|fig\.?|credit|caption|source|"
                r"illustration|featured image|cover image|photo credit|image "
                r"credit)s?\s*(?:\d+)?\s*(?:by|:|©|courtesy|via|from|credit|\.)\s.{0,160}"
            ),
            r".{0,80}\((?:photo|image|picture|credit|source)s?\s*(?:by|:|©|via).{0,80}\)",
            r"\[(?:image|photo|caption|video|embed|gallery)\b.{0,120}\]",
            r"!\[.{0,160}",
            r".{1,80}\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?)",
            r"\S{1,60}(?:jpe?g|png)",
            r"(?:img|dsc[nf]?|image|photo|screenshot|screen shot)[ _-]?\d.{0,40}",
            r"[^\W_]+(?:_[^\W_]+){1,12}(?: ?\(\d+\))?",
            r"(?:photo(?:graph)?|image|illustration|artwork|credit)s? by .{2,80}",
            (
                r".{0,80}\b(?:image|photo|picture)s? (?:credit|source|courtesy)s?\s*(?::|by|"
                r"of).{0,80}"
            ),
            r".{0,100}\bphotograph(?:er)?s?\s*:.{1,60}",
            r".{1,60}\[(?:FC|cover|front cover)\]",
        ),
    ),
)
"""Roles with their lines; of several roles that fit the first counts."""
