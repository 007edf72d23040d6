"""Questions on the posts as a collection: recognised, looked up in the records, answered.

* ``vocabulary``, ``periods``: the words by which posts and times are named
* ``asked``: a question on the collection, as a record
* ``catalogue``: posts by the fields of their records
* ``conditions``: which posts are meant, read off a question
* ``recognise``: a question to what it asks
* ``subjects``, ``selection``: which posts are about something; conditions to posts
* ``outcome``, ``wording``: what is answered, and how it is said
* ``facts``, ``lists``, ``views``: what is asked of one post, of many, of what several say
* ``talk``: what is no question
* ``stage``: all of it in order
"""
