"""Files in: read, checked, compared with what is stored, and written as dated rows.

Decisions:

- At most 50,000 rows an import, 32 MiB a file and 20,000 characters a row; beyond it
  the import is refused with the line at which it was.
- A file is UTF-8 if the whole of it is, with or without a byte order mark; otherwise it
  is read as Windows-1252 with a warning. Columns are found by name.
- A row is reported once, under the first column that is wrong with it, and its detail
  names the others. A warning tells one matter of one file, and its first five rows.
- A file that cannot be used refuses the whole import, `--partial` or not: what is
  missing from it cannot be told from what was never in it.
- A file from a page is tried once, when it is sent: to try 50,000 rows takes seconds
  and the lock of the imports, and people look several times. What was found lies beside
  the file, in no table: it quotes the file, so owner, hour and end are the file's. The
  import itself judges every row afresh, and what it then refuses is kept instead.
- `reading` gives rows; `…_file` reads a row of one kind by itself; `organisations`,
  `posts` and `people` judge rows together and decide what to write.
"""
