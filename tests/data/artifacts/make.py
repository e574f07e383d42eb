"""Makes the files of this folder, with numpy, joblib, safetensors and onnx: python3 make.py FOLDER"""
import pathlib
import sys

import joblib
import numpy
import onnx
from onnx import TensorProto, helper
from safetensors.numpy import save_file

folder = pathlib.Path(sys.argv[1])
array = numpy.arange(200, dtype=numpy.float32)
objects = numpy.array([{"a": 1}, None], dtype=object)

joblib.dump({"weights": array, "name": "churn"}, folder / "array.joblib")
for kind in ("zlib", "gzip", "bz2", "xz"):
    joblib.dump({"weights": array}, folder / f"array_{kind}.joblib", compress=(kind, 3))
joblib.dump({"threshold": 0.5}, folder / "plain.joblib")

numpy.save(folder / "floats.npy", array)
numpy.save(folder / "objects.npy", objects)
numpy.save(folder / "record.npy", numpy.zeros(2, dtype=[("Oak", "<f4"), ("b", "S3")]))
numpy.save(folder / "record_objects.npy", numpy.zeros(2, dtype=[("a", "<f4"), ("b", "O")]))
numpy.savez(folder / "floats.npz", a=array, b=array)
numpy.savez_compressed(folder / "floats_packed.npz", a=array, b=array)
numpy.savez(folder / "objects.npz", a=array, b=objects)

save_file({"a": array, "b": array[:3]}, folder / "two.safetensors", metadata={"made": "here"})


def model(initializer):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
    node = helper.make_node("Add", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "g", [x], [y], initializer=[initializer])
    return helper.make_model(graph).SerializeToString()


weights = helper.make_tensor("w", TensorProto.FLOAT, [2], [1.0, 2.0])
(folder / "add.onnx").write_bytes(model(weights))
outside = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2])
outside.data_location = TensorProto.EXTERNAL
outside.external_data.add(key="location", value="weights.bin")
(folder / "external.onnx").write_bytes(model(outside))
