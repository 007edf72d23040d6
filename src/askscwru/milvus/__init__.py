"""A Milvus server that holds the vectors of the index; needs the extra ``milvus``."""
