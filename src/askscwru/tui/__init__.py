"""The terminal UI: widgets announce, screens decide, ``Assistant`` answers on threads of its own.

Nothing that the first frame needs imports numpy, ONNX Runtime, FAISS or pydantic; they are loaded
behind it (``desk``).
"""
